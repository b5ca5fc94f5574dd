"""The layouts of digests: a file each, and a line in `table.py`."""
