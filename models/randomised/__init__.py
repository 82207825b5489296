"""Experiments with two or more arms that chance assigned: effects, the checks on the split, differences, a rule."""
