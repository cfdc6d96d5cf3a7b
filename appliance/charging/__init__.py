"""Who may charge, at which point, and what was charged."""
