"""From a user's files to a first configuration: what the tables are, what is sure, and what has to be asked."""
