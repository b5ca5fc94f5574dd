"""What a process runs with: its lock, its clock, its memory, its deadlines, and how much it does at once."""
