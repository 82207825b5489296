"""The tables of one business, opened and checked once."""
