"""A process of the bot: starts and stops it, does its jobs, and shows that it is there."""
