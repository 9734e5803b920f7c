"""``kfold-5`` and ``kfold-10``: each rating is in test once, and in valid once."""

import numpy as np

from cfce.errors import UserError
from cfce.protocols.protocol import Protocol, Rows
from cfce.protocols.shares import shuffled
from cfce.ratings import Ratings


def kfold(k: int) -> Protocol:
    """The protocol that cuts one random order into k blocks: fold f tests on block f and chooses on the next."""
    name = f"kfold-{k}"

    def split(ratings: Ratings, fold: int, rng: np.random.Generator) -> tuple[Rows, Rows, Rows]:
        if len(ratings) < k:
            raise UserError(f"{len(ratings)} ratings are too few for the protocol '{name}'; at least {k} are needed")
        blocks = np.array_split(shuffled(len(ratings), rng), k)
        test, valid = fold % k, (fold + 1) % k
        train = np.concatenate([block for number, block in enumerate(blocks) if number not in (test, valid)])
        return train, blocks[valid], blocks[test]

    return Protocol(
        name=name,
        description=f"{k} folds of one random order: each in turn is test, the next is valid, {k - 2} train",
        claim="which configuration fills in missing ratings best, with every rating tested once",
        split=split,
        n_folds=k,
    )


KFOLD_5 = kfold(5)
KFOLD_10 = kfold(10)
