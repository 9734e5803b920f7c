# /// script
# requires-python = ">=3.11"
# dependencies = ["myfm==0.4.0", "setuptools==80.9.0", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1", "scipy==1.17.1"]
#
# [tool.cfce]
# description = "myFM's regressor: a Bayesian factorization machine on user and item by Gibbs sampling"
# source = "Rendle 2012, 10.1145/2168752.2168771"
#
# [tool.cfce.options]
# rank = { default = 10, help = "Length of a vector.", low = 2, high = 64, log = true }
# n_iter = { default = 200, help = "Sweeps; the first tenth is left out.", low = 50, high = 600, log = true }
# ///
"""myFM's ``MyFMRegressor``."""

from _folder import read_trial
from _myfm import one_hot
from myfm import MyFMRegressor

trial = read_trial()
train, held, groups = one_hot(trial)


def fitted():
    """Sample, and keep all but the first tenth."""
    n = trial.options["n_iter"]
    model = MyFMRegressor(rank=trial.options["rank"], random_seed=trial.seed)
    model.fit(train, trial.train["rating"].to_numpy(float), n_iter=n, n_kept_samples=n - n // 10, group_shapes=groups)
    return lambda: model.predict(held, n_workers=1)


trial.write(fitted)
