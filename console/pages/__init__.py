"""The pages of the console: each says what it shows, in values that its template writes."""
