"""The report of a tuning: what the search of each variant gave, beside the verdicts on what it chose."""
