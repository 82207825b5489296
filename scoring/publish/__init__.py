"""Nights in a database: scores, action values, lists and manifests as tables."""
