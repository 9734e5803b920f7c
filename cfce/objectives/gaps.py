"""How near and how far apart neighbouring thresholds may be.

Compiled functions hold these numbers as constants: after an edit here, numba's cache must be emptied.
"""

LEAST, MOST = -4.0, 3.0
"""Between these lies the logarithm of a gap between thresholds: a gap of 0.018 to 20."""
