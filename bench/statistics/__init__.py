"""Statistics as pure functions on plain arrays: they know numpy, scipy and the errors, and no study."""
