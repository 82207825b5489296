"""The statement as a page."""
