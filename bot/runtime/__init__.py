"""The process that the bot runs in: its jobs, its lock, its memory, its clock, and how much it does at once."""
