"""Groups, topics and channels: which place is acted on, and the bot's own membership in chats."""
