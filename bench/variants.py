"""The built-in variants: the fastai book's regression, the blog's two classifiers, and two baselines."""

from bench.variant import register_variant
from cfce.estimators import Bias, Constant, Network
from cfce.models.dot_product_bias import dot_product_bias

register_variant(
    "regression",
    "dot product and biases in a sigmoid range, squared error: the fastai book's DotProductBias",
    estimator=Network(dot_product_bias, "squared-error"),
)
register_variant(
    "ce-sigmoid",
    "a linear layer from the score in a sigmoid range to K logits, cross-entropy: the blog's first classifier",
    estimator=Network(dot_product_bias, "cross-entropy-sigmoid"),
)
register_variant(
    "ce",
    "a linear layer from the bare score to K logits, cross-entropy: the blog's second classifier",
    estimator=Network(dot_product_bias, "cross-entropy"),
)
register_variant("constant", "the marginals of train for every rating", estimator=Constant())
register_variant("bias", "regularised user and item biases, and the spread around them", estimator=Bias())
