"""Reading HTML into paragraphs, links and pictures, as a reader sees them (pure)."""
