"""When a post was published (pure)."""
