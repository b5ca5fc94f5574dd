"""Files and folders that nobody else on the machine may read."""
