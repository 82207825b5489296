"""An experiment on one flat table: read, judged, and told in files, lines and a page."""
