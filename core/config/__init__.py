"""The configuration of one business: its sections, read from YAML, checked, and its faults explained."""
