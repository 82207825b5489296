"""The front door: a business opened from its configuration, and the results that it returns."""
