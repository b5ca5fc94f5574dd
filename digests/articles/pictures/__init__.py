"""Choosing the picture that represents an article (pure)."""
