"""Everything that decodes or draws a picture; loaded in the second process alone."""
