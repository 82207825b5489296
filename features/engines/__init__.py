"""The engines that run the expressions: DuckDB, and Spark when one machine is outgrown."""
