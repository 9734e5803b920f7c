"""The built-in variants: the fastai book's regression, the blog's two classifiers, and two baselines."""

from bench.registry import Variant, register
from cfce.models.dot_product_bias import dot_product_bias

for variant in (
    Variant(
        "regression",
        "dot product and biases in a sigmoid range, squared error: the fastai book's DotProductBias",
        "squared-error",
        dot_product_bias,
    ),
    Variant(
        "ce-sigmoid",
        "a linear layer from the score in a sigmoid range to K logits, cross-entropy: the blog's first classifier",
        "cross-entropy-sigmoid",
        dot_product_bias,
    ),
    Variant(
        "ce",
        "a linear layer from the bare score to K logits, cross-entropy: the blog's second classifier",
        "cross-entropy",
        dot_product_bias,
    ),
    Variant("constant", "the marginals of train for every rating: what knowing nobody gives", "constant", None),
    Variant("bias", "regularised user and item biases, and the spread around them", "bias", None),
):
    register(variant)
