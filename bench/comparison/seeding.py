"""What is random in the fits of a configuration: whether they have seeds, and whether splits share them."""

from bench.comparison.configurations import Configuration


def has_seeds(configuration: Configuration) -> bool:
    """Whether other seeds would give other fits, as far as the study shows.

    A baseline has none, nor have predictions from elsewhere that come once a split, whatever number they were added under.
    Of a seed ensemble it is whether each split's is of seeds of its own.
    """
    if configuration.ensemble_of is not None:
        return not shares_seeds(configuration.ensemble_of)
    if configuration.family == "baseline":
        return False
    if all(record.external for record in configuration.records):
        return len({(record.trial.split, record.trial.seed) for record in configuration.records}) > len(
            {record.trial.split for record in configuration.records}
        )
    return True


def shares_seeds(configuration: Configuration) -> bool:
    """Whether a seed stands in more than one split.

    Fits of an ensemble do not share seeds: either each is of its own, or nothing is known of others.
    """
    if configuration.ensemble_of is not None:
        return False
    drawn = {(record.trial.split, record.trial.seed) for record in configuration.records}
    return len({seed for _, seed in drawn}) < len(drawn)
