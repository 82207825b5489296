"""What every page shares: the writer, its style, tables and pictures; one self-contained HTML file each."""
