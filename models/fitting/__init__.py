"""What every fit shares: encodings, designs, trees, ridge, calibration, likelihoods."""
