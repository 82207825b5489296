"""Churn: LightGBM with two competing causes, its baseline and its tuning."""
