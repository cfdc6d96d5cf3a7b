"""The units, tried with a real systemd as process 1 in a container."""
