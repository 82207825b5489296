"""What watches the nights: inputs, drift, accuracy expected and come, effects, and alarms that are seldom false."""
