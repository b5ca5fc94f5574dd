"""Wishes about words: their canonical form, and finding those that an article matches (pure)."""
