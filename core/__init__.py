"""The ground floor: errors, configuration, the table contract, time and money arithmetic."""
