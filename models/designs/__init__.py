"""Effects without an arm a customer: a cut on a score decided who was treated, or a date a team, site or region."""
