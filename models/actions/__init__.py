"""From an effect to what an action did: its mechanisms, months, bridge and programme."""
