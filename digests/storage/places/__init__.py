"""Places: their settings, their topics, who manages them, and all that is kept about them."""
