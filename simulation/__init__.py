"""A subscriber world whose truth is known."""
