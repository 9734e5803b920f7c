"""What the scripts of Cornac share: from tables to its dataset, and its ratings."""

import numpy as np
from _folder import read_trial
from cornac.data import Dataset


def fit_cornac(make) -> None:
    """Fit the model that ``make(options, seed)`` gives, and write its ratings, cut to the scale."""
    trial = read_trial()
    rows = trial.train[["user", "item", "rating"]].itertuples(index=False, name=None)
    train = Dataset.from_uir(list(rows), seed=trial.seed)

    def fitted():
        model = make(trial.options, trial.seed).fit(train)
        users, items = train.uid_map, train.iid_map
        # a user or item that train lacks has an index beyond those that it has: the model's own way with it
        pairs = [
            (users.get(user, len(users)), items.get(item, len(items)))
            for user, item in zip(trial.held["user"], trial.held["item"], strict=True)
        ]
        return lambda: np.array([model.rate(user, item) for user, item in pairs])

    trial.write(fitted)
