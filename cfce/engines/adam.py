"""The constants of fastai's Adam, for every engine that repeats it."""

SQR_MOM = 0.99
"""Momentum of the averaged squared gradients."""
EPS = 1e-5
"""Added to the root of the averaged squares."""
