"""Plain counts and marks, made by whoever does the work and read by whoever measures or traces (no library)."""
