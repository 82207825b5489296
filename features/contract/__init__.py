"""A business's columns in contract form: names, types, codes, and when a row was known."""
