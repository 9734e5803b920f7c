"""Bring your own predictions: a fold's rows for an outside model, and its predictions into a study."""

from bench.external.adding import Added, add_predictions
from bench.external.fold_files import export_fold, fold_of_study
from bench.external.matching import align
from bench.external.reading import ExternalPredictions, read_predictions

__all__ = ["Added", "ExternalPredictions", "add_predictions", "align", "export_fold", "fold_of_study", "read_predictions"]
