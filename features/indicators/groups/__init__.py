"""The indicators, one module a source of rows."""
