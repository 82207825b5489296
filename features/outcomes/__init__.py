"""What came after an instant: labels, value, losses. It looks ahead by design; no feature may import it."""
