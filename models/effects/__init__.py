"""Effects of an action: cross-fitted nuisances, the average, single customers, the surrogate index."""
