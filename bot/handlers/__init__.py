"""Handlers: what the bot does when somebody writes to it or presses a button."""
