"""Builders of what tests need, with a default for everything but what the test is about."""
