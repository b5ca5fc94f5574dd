"""The commands and buttons of readers."""
