"""Datasets by name or from a file: everything that turns a source into ``Ratings``."""

from cfce.datasets.cache import cache_dir
from cfce.datasets.dataset import Dataset, NoOptions, Place
from cfce.datasets.loading import DATASETS, dataset_at, dataset_named, describe, load_dataset, register_dataset
from cfce.datasets.movielens_archive import MovieLensOptions
from cfce.datasets.reading.options import Columns, Levels, ReadingOptions
from cfce.datasets.synthetic import BayesLimit, SyntheticTruth, load_truth
from cfce.datasets.synthetic_files import synthetic_size

__all__ = [
    "DATASETS",
    "BayesLimit",
    "Columns",
    "Dataset",
    "Levels",
    "MovieLensOptions",
    "NoOptions",
    "Place",
    "ReadingOptions",
    "SyntheticTruth",
    "cache_dir",
    "dataset_at",
    "dataset_named",
    "describe",
    "load_dataset",
    "load_truth",
    "register_dataset",
    "synthetic_size",
]
