"""What the commands of the program do. Each module may be slow to import; `bot.cli` imports it when it is called."""
