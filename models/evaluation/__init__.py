"""How good a forecast is: metrics, profit, slices, grades, splits by time."""
