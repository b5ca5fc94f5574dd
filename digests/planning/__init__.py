"""Digests on their way to the ledger: who is due, and what each gets."""
