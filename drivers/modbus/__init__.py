"""Meters on Modbus: register maps as data, a planner, one bus per line, one meter per unit."""
