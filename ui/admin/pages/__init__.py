"""The pages of the web admin: one blueprint a file."""
