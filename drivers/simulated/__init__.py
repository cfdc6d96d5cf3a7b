"""A simulated house: the twin of everything that is wired to the appliance."""
