"""One night after the other: the history of scores, and the job that adds to it."""
