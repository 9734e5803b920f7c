"""Studies whose truth is known, and how often the procedure is wrong on them."""
