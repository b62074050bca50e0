"""Published in, told out, once. Knows of the press only its manifest and its nouns."""
