"""What charging costs, and the journal that proves it."""
