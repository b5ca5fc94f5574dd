"""The state of the simulated Telegram: users, chats, queues, switched-on faults and the ledger of calls."""
