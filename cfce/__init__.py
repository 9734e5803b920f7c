"""Collaborative filtering by regression and by classification: ratings, models, training, predictions, metrics."""

from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale

__all__ = ["RatingScale", "Ratings", "UserError"]
