"""The way to Telegram: requests, rates, polling and webhook, and messages sent, edited and answered."""
