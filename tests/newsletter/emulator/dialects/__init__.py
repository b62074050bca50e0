"""How each provider's requests and answers look: one file each."""
