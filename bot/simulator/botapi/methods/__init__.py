"""The Bot API's methods, grouped by what they do; `table` lists them with their parameters."""
