"""Subscribers and the ledger of deliveries: the only SQL of the newsletter."""
