"""The sections of a report: each a function from the pass over a study to a ``Section``."""
