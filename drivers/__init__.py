"""Hardware: relays, meters and their simulated twins. Imports nothing of ours."""
