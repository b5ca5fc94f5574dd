"""Posts on their way in: origins are scanned, posts parsed, articles stored."""
