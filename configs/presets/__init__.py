"""Presets: how the exports that people have are read, one mapping file each."""
