"""What operators do with a whole bot: back it up, put it back, move it, delete what is old, and count its days."""
