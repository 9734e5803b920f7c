"""Bring your own predictions: a fold's rows for an outside model, and its forecasts into a study."""

from bench.own.adding import Added, add_predictions
from bench.own.fold_files import export_fold, fold_of_study
from bench.own.matching import align
from bench.own.reading import Predictions, read_predictions

__all__ = ["Added", "Predictions", "add_predictions", "align", "export_fold", "fold_of_study", "read_predictions"]
