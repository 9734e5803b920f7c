"""What the site makes of the code."""
