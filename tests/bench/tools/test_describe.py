from bench.tools.describe import diagram, mermaid
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS, Variant
from cfce.estimators import Constant, Network
from cfce.models import Sizes
from cfce.scale import RatingScale

SIZES = Sizes(10, 20, 3, RatingScale((1, 2, 3, 4)))


def arrows(text):
    return {tuple(line.strip().split(" --> ")) for line in text.splitlines() if " --> " in line}


def reaches(text, start):
    """The nodes that can be reached from one along the arrows."""
    pairs = {(one, other.split("(")[0].split("{")[0]) for one, other in arrows(text)}
    found = {start}
    while more := {other for one, other in pairs if one in found} - found:
        found |= more
    return found


def test_the_diagram_has_the_sizes_of_the_module_that_was_built():
    load_parts()
    text = mermaid(VARIANTS["ce"], SIZES)
    assert text.startswith("flowchart TD\n")
    for part in ("user_factors 10 × 3", "item_factors 20 × 3", "user_bias 10", "item_bias 20", "outputs (B, 4)"):
        assert part in text
    assert "linear layer 1 to 4" in text


def test_user_and_item_both_lead_to_the_loss():
    load_parts()
    for name in [name for name, variant in VARIANTS.items() if isinstance(variant.estimator, Network)]:
        text = mermaid(VARIANTS[name], SIZES)
        assert "loss" in reaches(text, "user") & reaches(text, "item"), name


def test_the_arithmetic_of_every_built_in_network_is_drawn_and_not_only_its_modules():
    load_parts()
    for name in [name for name, variant in VARIANTS.items() if isinstance(variant.estimator, Network)]:
        text = mermaid(VARIANTS[name], SIZES)
        assert "DotProduct" not in text, name
        assert "Thresholds" not in text, name
    assert "row of user_feedback 10 × 100" in mermaid(VARIANTS["ordrec-implicit"], SIZES)
    assert "outputs (B, 3)" in mermaid(VARIANTS["cumulative-logit"], SIZES)


CODE = (
    "getitem",
    "pad",
    "clamp",
    "cat",
    "cumsum",
    "unsqueeze",
    "matmul",
    "Embedding(",
    "Linear(",
    "InColumns",
    "layers.",
    "embedding",
)


def test_boxes_say_what_is_computed_in_words_and_not_in_the_names_of_functions():
    load_parts()
    texts = {
        name: [node.text for node in diagram(variant, SIZES).nodes]
        for name, variant in VARIANTS.items()
        if isinstance(variant.estimator, Network)
    }
    assert not [(name, text, code) for name, found in texts.items() for text in found for code in CODE if code in text]
    thresholds = ["all columns but the first", "+ bias 3", "first column", "all columns but the first", "limited to [-4, 3]"]
    assert texts["ordrec"][12:19] == [*thresholds, "exp", "joined"]
    assert texts["softmax"][-3:] == ["+", "outputs (B, 4)", "loss: softmax"]  # nothing is appended, and its head only gives back
    assert texts["corn"][-3:] == ["+", "outputs (B, 3)", "loss: corn"]


def test_the_variants_differ_where_they_are_said_to():
    load_parts()
    regression, ranged, bare = (mermaid(VARIANTS[name], SIZES) for name in ("regression", "ce-sigmoid", "ce"))
    assert "sigmoid" in regression
    assert "linear" not in regression
    assert "outputs (B)" in regression
    assert "sigmoid" in ranged
    assert "linear" in ranged
    assert '"sigmoid"' not in bare


def branching(sizes):
    """A module that depends on its data, which cannot be traced."""
    from torch import nn

    class Branching(nn.Module):
        def __init__(self):
            super().__init__()
            self.user = nn.Embedding(sizes.n_users, 1)

        def forward(self, user, item):
            score = self.user(user).squeeze(1)
            return score if score.sum() > 0 else -score

    return Branching()


def test_a_module_that_cannot_be_traced_is_shown_by_its_parts():
    text = mermaid(Variant("own", "", Network(branching, "squared-error")), SIZES)
    assert "row of user 10 × 1" in text
    assert "loss" in reaches(text, "user") & reaches(text, "item")


def test_a_baseline_is_one_box_and_its_text_cannot_leave_it():
    text = mermaid(Variant("own", '"] --> evil["<script>', Constant()), SIZES)
    assert "<script>" not in text
    assert len(arrows(text)) == 1
