"""What every surface that serves HTTPS needs: the port, the serving program, and its end on time."""
