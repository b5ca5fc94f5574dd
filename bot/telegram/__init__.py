"""The way to Telegram: requests, rates, and the ports over them."""
