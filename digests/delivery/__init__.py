"""Deliveries on their way: claimed, sent part by part, kept in the ledger; and taken back."""
