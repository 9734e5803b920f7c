"""One Gibbs chain: sweeps over likelihood, priors, users and items."""

import numpy as np
from numpy.typing import NDArray

from cfce.estimators.bayes import latent_kernels, row_kernels
from cfce.estimators.bayes.directions import Directions, learnt
from cfce.estimators.bayes.gaussian import Gaussian
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.moods import MOODS_FROM, Moods
from cfce.estimators.bayes.ordinal import Ordinal
from cfce.estimators.bayes.priors import RowPrior
from cfce.estimators.bayes.repeats import Repeats
from cfce.estimators.bayes.start import start_rows
from cfce.estimators.bayes.threads import Share


class Chain:
    """The state of one chain: ``users`` (n_users + 1, W) and ``items`` (n_items + 1, W) with factors, zeros and the bias last."""

    def __init__(
        self,
        layout: Layout,
        likelihood: Ordinal | Gaussian,
        directions: Directions,
        n_factors: int,
        rng: np.random.Generator,
        moods: Moods | None = None,
        repeats: Repeats | None = None,
    ) -> None:
        self.layout, self.likelihood, self.rng = layout, likelihood, rng
        self.moods, self.repeats = moods, repeats
        self.repeats_rng = rng.spawn(1)[0]  # of their own, so that pairs that come once are predicted as without
        panel = row_kernels.PANEL
        width = -(-(n_factors + 1) // panel) * panel
        self.columns = np.append(np.arange(n_factors), width - 1)
        self.users, self.items = start_rows(layout, likelihood.start_values, n_factors, width, rng)
        self.user_prior = RowPrior(*directions.user, n_factors + 1)
        self.item_prior = RowPrior(*directions.item, n_factors + 1)
        self.score = np.empty(len(layout.level), dtype=np.float32)
        self.user_sum = np.zeros((len(self.users) - 1, n_factors + 1), dtype=np.float32)
        self.item_sum = np.zeros((len(self.items) - 1, n_factors + 1), dtype=np.float32)

    def sweep(self, number: int, share: Share) -> float:
        """Draw everything once; returns the log-likelihood of train at the draws before this sweep's rows."""
        a, like = self.layout, self.likelihood

        def score(first: int, last: int) -> None:
            latent_kernels.score_rows(first, last, a.user_start, a.item, self.users, self.items, self.score)

        share(score, a.user_start)
        if self.moods is not None and number >= MOODS_FROM:
            self._draw_moods(self.moods, share)
        log_likelihood = like.draw(number, self.score, self.rng, share)
        latent = like.latent if self.moods is None else like.latent - self.moods.of_train
        right, precision = self._prior(self.user_prior, self.users)

        def draw_users(first: int, last: int) -> None:
            row_kernels.draw_rows(
                first, last, a.user_start, a.item, a.at, True, latent, like.user_weight, like.item_weight,
                self.items, right, precision, self.users,
            )  # fmt: skip

        share(draw_users, a.user_start)
        right, precision = self._prior(self.item_prior, self.items)

        def draw_items(first: int, last: int) -> None:
            row_kernels.draw_rows(
                first, last, a.item_start, a.user, a.at, False, latent, like.item_weight, like.user_weight,
                self.users, right, precision, self.items,
            )  # fmt: skip

        share(draw_items, a.item_start)
        return log_likelihood

    def gather(self) -> None:
        """Add the present rows to the sums that ``learn_directions`` takes for what is known of them."""
        self.user_sum += self._filled(self.users)
        self.item_sum += self._filled(self.items)

    def learn_directions(self) -> None:
        """Let the directions of the priors depend on the rows that were gathered."""
        a, of_users, of_items = self.layout, self.user_prior, self.item_prior
        of_users.turn(*learnt((of_users.vectors, of_users.values), a.user_start[:-1], a.item, self.item_sum))
        of_items.turn(*learnt((of_items.vectors, of_items.values), a.item_start[:-1], a.user, self.user_sum))

    def draw_repeats(self) -> None:
        """Draw what pairs with several ratings have of their own, at the present draws of everything else."""
        repeats, like = self.repeats, self.likelihood
        if repeats is None:
            return
        score = np.empty(len(repeats.at), dtype=np.float32)
        latent_kernels.score_rows(0, len(repeats.start) - 1, repeats.start, repeats.item, self.users, self.items, score)
        if self.moods is not None:
            score += self.moods.of_train[repeats.at]
        weight = like.user_weight[repeats.user] * like.item_weight[repeats.item]
        low, high = like.ends(repeats.user, repeats.at)
        repeats.draw((low - score) * weight, (high - score) * weight, self.repeats_rng)

    def add_probabilities(
        self, part: str, user: NDArray[np.int32], item: NDArray[np.int32], out: NDArray[np.float32], share: Share
    ) -> None:
        """Add the probability of each level of each pair of rows of a part at the present draws to ``out`` (K, N)."""
        like = self.likelihood
        shift = np.zeros(len(user), dtype=np.float32) if self.moods is None else self.moods.of(part)
        weight = like.user_weight[user] * like.item_weight[item]
        if self.repeats is not None:
            shift, weight = self.repeats.told(part, shift, weight)

        def work(first: int, last: int) -> None:
            latent_kernels.add_probabilities(first, last, user, item, shift, weight, self.users, self.items, like.cuts, out)

        share(work, np.arange(len(user) + 1))

    def _draw_moods(self, moods: Moods, share: Share) -> None:
        """Draw moods given the latent values of the sweep before, and add them to the scores."""
        a, like = self.layout, self.likelihood
        weight = np.repeat(like.user_weight, np.diff(a.user_start)) * like.item_weight[a.item]
        moods.draw(like.latent - self.score, weight, self.rng, share)
        self.score += moods.of_train

    def _filled(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows of train without the columns of zeros, (n, n_factors + 1)."""
        return rows[:-1] if len(self.columns) == rows.shape[1] else np.ascontiguousarray(rows[:-1, self.columns])

    def _prior(self, prior: RowPrior, rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw a side's hyperparameters, and fill its rows with normal numbers; returns mean x precision, and precision."""
        shift, centre, precision = prior.draw(self._filled(rows), self.rng)
        # the unseen row is taken to have the mean feedback of the others
        mean = np.vstack([shift, shift.mean(axis=0, dtype=np.float64).astype(np.float32)])
        mean += centre.astype(np.float32)
        right, wide = mean @ precision.astype(np.float32), precision.astype(np.float32)
        self.rng.standard_normal(out=rows, dtype=np.float32)
        size, width = len(precision), rows.shape[1]
        if size < width:  # columns of zeros before the bias
            right, narrow = np.zeros_like(rows), right
            right[:, self.columns] = narrow
            wide = np.eye(width, dtype=np.float32)
            wide[np.ix_(self.columns, self.columns)] = precision
            rows[:, size - 1 : -1] = 0
        return right, wide
