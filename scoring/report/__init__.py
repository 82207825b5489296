"""The report for a steering committee: what other commands wrote, on one page."""
