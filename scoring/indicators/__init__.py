"""The service indicators of a business: values with intervals, what they are worth, traps, files and a page."""
