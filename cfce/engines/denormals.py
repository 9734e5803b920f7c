"""When Adam's averages are cleaned of numbers that are nearly 0.

The average of a weight that no batch meets shrinks by a tenth or more a step; after 500 steps and more it would be denormal,
which takes a processor many times as long, although it has moved no weight for long.
"""

CLEAN_EVERY = 250
"""Steps after which averages below ``NOTHING`` become 0."""
NOTHING = 1e-20
"""Far below what changes a float32 weight, and so far above the denormals that ``CLEAN_EVERY`` steps do not reach them."""
NOTHING_SQUARED = 1e-30
"""The same for the averaged squares, which shrink by a hundredth a step: their root, 1e-15, is lost beside epsilon."""
