"""Services for other programs, each with a switch in the settings."""
