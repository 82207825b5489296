"""Scores of every customer, and reasons in words."""
