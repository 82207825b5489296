"""The features themselves, one module a group."""
