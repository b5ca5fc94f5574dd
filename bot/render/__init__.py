"""Messages as text: digests, lists, announcements and reports (pure)."""
