"""Jobs that retrain, judge, register and promote."""
