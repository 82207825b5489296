"""What could be wrong with an effect: overlap, hidden causes, stability, and the rule that makes a verdict."""
