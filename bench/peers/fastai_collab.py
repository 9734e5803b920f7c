# /// script
# requires-python = ">=3.11"
# dependencies = ["fastai==2.8.12", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1"]
#
# [tool.cfce]
# description = "fastai's collab_learner as chapter 8 of its book calls it, with its stock loaders"
# source = "Howard and Gugger 2020, fastbook, chapter 8"
#
# [tool.cfce.options]
# n_factors = { default = 50, help = "Length of a user's or item's vector.", low = 5, high = 200, log = true }
# n_epoch = { default = 5, help = "Passes over train.", low = 1, high = 20, log = true }
# lr_max = { default = 0.005, help = "Peak of the one-cycle schedule.", low = 0.0005, high = 0.1, log = true }
# wd = { default = 0.1, help = "Decoupled weight decay.", low = 0.001, high = 1.0, log = true }
# ///
"""fastai's ``collab_learner``: the loaders are those that ``CollabDataLoaders.from_df`` makes, with valid as the valid set."""

import pandas as pd
import torch
from _folder import read_trial
from fastai.callback.progress import ProgressCallback
from fastai.collab import Categorify, TabularCollab, TransformBlock, collab_learner
from fastai.torch_core import set_seed

torch.set_num_threads(1)
trial = read_trial()
columns = ["user", "item", "rating"]
ratings = pd.concat([trial.train[columns], trial.valid[columns]], ignore_index=True)
ratings["rating"] = ratings["rating"].astype("float32")
n = len(trial.train)
low, high, step = trial.scale[0], trial.scale[-1], trial.scale[1] - trial.scale[0]


def fitted():
    """Train, the loaders made too: the book makes them in one breath."""
    set_seed(trial.seed, reproducible=True)
    splits = (list(range(n)), list(range(n, len(ratings))))
    table = TabularCollab(ratings, [Categorify], columns[:2], y_names=columns[2:], y_block=TransformBlock(), splits=splits)
    loaders = table.dataloaders(bs=64)
    options = trial.options
    learner = collab_learner(loaders, n_factors=options["n_factors"], y_range=(low - step, high + step / 2))
    learner.remove_cb(ProgressCallback)
    learner.fit_one_cycle(options["n_epoch"], options["lr_max"], wd=options["wd"])
    return lambda: learner.get_preds(dl=loaders.test_dl(trial.held[columns[:2]]))[0].numpy().ravel()


trial.write(fitted)
