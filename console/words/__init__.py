"""The words of the console, in English and French, page by page."""
