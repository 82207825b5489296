"""Service indicators by month and group: what each is, and the sums that it is made of."""
