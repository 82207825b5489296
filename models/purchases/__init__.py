"""The value of customers without a contract: BG/NBD and its cousins, Gamma-Gamma for spend."""
