"""What an operator may have to fix, each with how: behind `digestbot doctor` and /doctor."""
