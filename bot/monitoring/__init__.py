"""What operators and their programs learn of the running bot: measurements, health, readiness, alerts and traces."""
