"""Heads of posts: front matter in YAML, JSON and TOML, and posts without any (pure)."""
