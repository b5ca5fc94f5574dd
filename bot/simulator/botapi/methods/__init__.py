"""The Bot API's methods, by what they do; `table` joins them with their parameters."""
