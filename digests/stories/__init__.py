"""Judging which articles of several sources tell the same story (pure)."""
