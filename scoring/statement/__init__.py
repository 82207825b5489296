"""The statement of return on investment."""
