"""The list to contact, and whom to leave alone."""
