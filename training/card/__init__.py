"""What a model is, for people: its card, its pictures, their words."""
