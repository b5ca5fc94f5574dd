"""Markdown as people write it for Hexo, turned into HTML (pure)."""
