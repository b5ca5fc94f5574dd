"""What operators and their programs ask the running bot: measurements, whether it lives, and whether it may serve."""
