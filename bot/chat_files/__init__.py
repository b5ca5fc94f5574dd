"""Chats in files: as `digestbot chats` moves them between bots, and as people get what is kept about them."""
