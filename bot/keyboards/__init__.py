"""Keyboards: which buttons stand below a message."""
