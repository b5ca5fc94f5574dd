"""The one way out to the web: public addresses alone, within bounds, and politely."""
