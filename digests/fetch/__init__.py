"""The one way out to the web: guarded against private addresses, bounded and polite."""
