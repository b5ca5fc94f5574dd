"""/feeds: what admins do with feeds in the chat. What a button can't hold is stored under a token (`kept.py`)."""
