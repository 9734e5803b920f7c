"""What the scripts of LensKit share: from tables to its dataset, and its predictions."""

import os

os.environ.setdefault("LK_NUM_PROCS", "1")
os.environ.setdefault("LK_NUM_THREADS", "1")

from _folder import read_trial
from lenskit.batch import predict
from lenskit.data import from_interactions_df
from lenskit.pipeline import predict_pipeline
from lenskit.training import TrainingOptions


def fit_lenskit(make) -> None:
    """Fit the scorer that ``make(options)`` gives, and write its predictions; its bias model predicts what it cannot.

    LensKit takes one rating of a pair: of repeated ones, the last.
    """
    trial = read_trial()
    columns = {"user": "user_id", "item": "item_id"}
    once = trial.train[["user", "item", "rating"]].drop_duplicates(["user", "item"], keep="last")
    train = from_interactions_df(once.rename(columns=columns))
    held = trial.held.rename(columns=columns)

    def fitted():
        pipeline = predict_pipeline(make(trial.options))
        pipeline.train(train, TrainingOptions(rng=trial.seed))

        def predicted():
            pairs = held[["user_id", "item_id"]].drop_duplicates()
            found = predict(pipeline, pairs, n_jobs=1).to_df()[["user_id", "item_id", "score"]]
            scores = held.merge(found, on=["user_id", "item_id"], how="left")["score"]
            return scores.fillna(trial.train["rating"].mean()).to_numpy()

        return predicted

    trial.write(fitted)
