"""Who leaves, learnt from one flat table without dates."""
