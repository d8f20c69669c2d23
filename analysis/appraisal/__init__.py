"""What an answer means for a reader: thresholds, verdicts and the sentences that say them."""
