"""Searching: queries, tokens, the order of results and the lines that show them (pure)."""
