"""What runs on a schedule: one list of jobs, and an engine that runs it in one process or in many."""
