"""Composing digests: which articles a place gets, and in which order (pure)."""
