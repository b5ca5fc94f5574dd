"""Wishes of places, their queries, and the articles that match those."""
