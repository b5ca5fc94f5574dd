"""Everything that has no Telegram in it: posts to articles, search, digests, schedules, deliveries, storage."""
