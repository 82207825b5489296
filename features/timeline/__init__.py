"""What was known when: the spine, the time rule, spells of subscription and the state of contracts."""
