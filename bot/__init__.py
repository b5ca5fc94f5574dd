"""The Telegram side: what people see and press, and the one place that talks to Telegram."""
