"""The person's side: what people do in their chats, over HTTP, for the chat page and for tests."""
