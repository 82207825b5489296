"""Jobs that use the champions: scores, action values, targets, return on investment."""
