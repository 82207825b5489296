"""Estimators: frames and arrays in, numbers out. They know no table, no file and no experiment tracker."""
