"""The flags of ``bench run`` whose name is not that of the option they set."""

SHORT_NAMES = {"learning_rate": "learning_rates", "n_factors": "factors"}
"""Option name to flag name; every other option's flag has its name."""
