"""The catalogue of features: declared as named functions, built point-in-time."""
