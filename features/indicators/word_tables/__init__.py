"""The words of the indicators, in English and French."""
