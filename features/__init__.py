"""Tables in; one row for each (customer, as_of) out, using only what was known strictly before as_of."""
