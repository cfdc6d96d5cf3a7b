"""The machine the appliance runs on: power, time, restarts, factory reset, support. Its network is next door."""
