"""Storing deliveries: plans, the ledger of sending, renderings and withdrawals."""
