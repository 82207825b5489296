"""The readers of the console: files in, rows out; nothing is computed anew."""
