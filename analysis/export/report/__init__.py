"""Reports: one HTML file for a Question or for the claims, complete without a network."""
