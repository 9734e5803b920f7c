"""What the scripts of Surprise share: from tables to its trainset, and its estimates."""

import numpy as np
from _folder import read_trial
from surprise import AlgoBase, Dataset, Reader


def fit_surprise(make) -> None:
    """Fit the algorithm that ``make(options, seed)`` gives, and write its estimates; a pair is estimated one at a time."""
    trial = read_trial()
    reader = Reader(rating_scale=(trial.scale[0], trial.scale[-1]))
    trainset = Dataset.load_from_df(trial.train[["user", "item", "rating"]], reader).build_full_trainset()

    def fitted():
        algorithm: AlgoBase = make(trial.options, trial.seed).fit(trainset)
        pairs = list(zip(trial.held["user"], trial.held["item"], strict=True))
        return lambda: np.array([algorithm.predict(user, item).est for user, item in pairs])

    trial.write(fitted)
