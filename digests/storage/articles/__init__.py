"""Storing posts and articles, their categories and stories."""
