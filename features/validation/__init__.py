"""What is wrong with a business's tables: rules, checks, the scan for personal data, findings."""
