"""What processes share through the database: its clock, leases, rates, wakes, updates, and who leads."""
