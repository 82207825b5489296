"""Whom to treat: plans under a budget, cost curves, rank-weighted effects, power."""
