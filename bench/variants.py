"""The built-in variants: the fastai book's regression and network, the blog's two classifiers, the families, two baselines."""

from bench.registry import Variant, register
from cfce.models.collab_nn import collab_nn
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
    Variant(
        "regression-linear", "dot product and biases without a range, squared error", "squared-error-linear", dot_product_bias
    ),
    Variant("gaussian", "a normal distribution whose sigma users and items have, likelihood", "gaussian", dot_product_bias),
    Variant("softmax", "an item vector and biases for each level, cross-entropy: GC-MC's decoder", "softmax", dot_product_bias),
    Variant("hl-gauss", "as softmax, against a normal around the rating: HL-Gauss", "hl-gauss", dot_product_bias),
    Variant(
        "cumulative-logit",
        "one score against ordered thresholds: McCullagh's proportional odds",
        "cumulative-logit",
        dot_product_bias,
    ),
    Variant("cumulative-probit", "the same with a normal distribution: ordered probit", "cumulative-probit", dot_product_bias),
    Variant("ordrec", "the same with thresholds for each user: Koren and Sill's OrdRec", "ordrec", dot_product_bias),
    Variant("rps", "one score against ordered thresholds, ranked probability score", "rps", dot_product_bias),
    Variant("corn", "K-1 conditional binary tasks: CORN", "corn", dot_product_bias),
    Variant(
        "collab-nn",
        "embeddings through two layers in a sigmoid range, squared error: the book's CollabNN",
        "squared-error",
        collab_nn,
    ),
    Variant("collab-nn-ce", "embeddings through two layers to K logits, cross-entropy", "softmax", collab_nn),
    Variant("constant", "the marginals of train for every rating: what knowing nobody gives", "constant", None),
    Variant("bias", "regularised user and item biases, and the spread around them", "bias", None),
):
    register(variant)
