"""One YAML file a business; the only place for its names and numbers."""
