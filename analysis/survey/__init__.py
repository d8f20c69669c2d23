"""What was found: the studies and their rows, where evidence is missing, what published reviews found."""
