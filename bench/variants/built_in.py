"""The built-in variants: the fastai book's regression, the blog's two classifiers, the other families, and two baselines."""

from bench.variants.variant import register_variant
from cfce.estimators import BayesGaussian, BayesOrdinal, Bias, Constant, Network
from cfce.models import collab_nn, dot_product_bias, dot_product_bias_implicit

DOT_PRODUCT = {
    "regression": ("squared-error", "in a sigmoid range, squared error: the fastai book's DotProductBias"),
    "ce-sigmoid": (
        "cross-entropy-sigmoid",
        "in a sigmoid range, a linear layer to K logits, cross-entropy: the blog's first classifier",
    ),
    "ce": ("cross-entropy", "a linear layer from the bare score to K logits, cross-entropy: the blog's second classifier"),
    "regression-linear": ("squared-error-linear", "squared error without a range"),
    "gaussian": ("gaussian", "the normal around a mean, its sigma learnt for users and items, cut into the levels"),
    "softmax": ("softmax", "K item vectors and biases, cross-entropy: GC-MC's decoder, OrdRec's multinomial"),
    "hl-gauss": ("hl-gauss", "K item vectors, cross-entropy against a normal around the rating"),
    "cumulative-logit": ("cumulative-logit", "K-1 ordered thresholds on one score, logistic noise: the proportional odds model"),
    "cumulative-probit": ("cumulative-probit", "K-1 ordered thresholds on one score, normal noise: the ordered probit"),
    "ordrec": ("ordrec", "ordered thresholds for each user on one score: OrdRec"),
    "rps": ("rps", "the cumulative logit trained on the ranked probability score"),
    "corn": ("corn", "K-1 conditional binary tasks: CORN"),
}
"""Variant to its objective and what it is, with the dot product and biases as its scorer."""

for _name, (_objective, _text) in DOT_PRODUCT.items():
    register_variant(_name, f"dot product and biases, {_text}", estimator=Network(dot_product_bias, _objective))
for _name in ("regression", "ce", "cumulative-logit", "ordrec"):
    _objective, _text = DOT_PRODUCT[_name]
    register_variant(
        f"{_name}-implicit",
        f"dot product and biases with implicit feedback, {_text.partition(':')[0]}",
        estimator=Network(dot_product_bias_implicit, _objective),
    )
register_variant(
    "collab-nn", "the book's two layers over embeddings, squared error", estimator=Network(collab_nn, "squared-error")
)
register_variant(
    "collab-nn-ce", "the book's two layers over embeddings, K logits, cross-entropy", estimator=Network(collab_nn, "softmax")
)
register_variant(
    "bayes-ordinal",
    "ordered probit with user thresholds, item scales and implicit feedback, by Gibbs sampling",
    estimator=BayesOrdinal(),
)
register_variant("bayes-gaussian", "the same structure with normal ratings, by Gibbs sampling", estimator=BayesGaussian())
register_variant("constant", "the marginals of train for every rating", estimator=Constant())
register_variant("bias", "regularised user and item biases, and the spread around them", estimator=Bias())
