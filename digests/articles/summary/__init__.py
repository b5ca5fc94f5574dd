"""Choosing the summary line (pure)."""
