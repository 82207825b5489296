"""Features in the words of a retention agent, in English and in French."""
