import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.statistics.crossed import crossed, design_of
from bench.statistics.sources import Source, Sources, half_width, two_sided_p


@given(st.floats(0.01, 100), st.integers(1, 60), st.floats(0.001, 0.5))
def test_one_source_alone_is_students_t(variance, freedom, level):
    assert half_width(level, Sources((Source(variance, freedom),))) == pytest.approx(
        stats.t.isf(level / 2, freedom) * variance**0.5, rel=1e-9
    )


@given(st.floats(0.01, 6), st.lists(st.tuples(st.floats(0.01, 2), st.integers(1, 30)), min_size=1, max_size=3))
def test_the_p_value_is_the_level_whose_half_width_is_the_distance(errors, parts):
    sources = Sources(tuple(Source(*one) for one in parts))
    distance = errors * sources.variance**0.5
    assert half_width(two_sided_p(distance, sources), sources) == pytest.approx(distance, rel=1e-6)


def test_what_is_counted_twice_is_taken_off_but_never_below_a_source_alone():
    alone = half_width(0.05, Sources((Source(1.0, 9),)))
    both = half_width(0.05, Sources((Source(1.0, 9), Source(1.0, 9))))
    less = half_width(0.05, Sources((Source(1.0, 9), Source(1.0, 9), Source(-1.0, 81))))
    far_less = half_width(0.05, Sources((Source(1.0, 9), Source(0.1, 9), Source(-5.0, 81))))
    assert alone < less < both
    assert far_less == pytest.approx(alone)


def test_certainty_is_only_where_nothing_is_uncertain():
    assert two_sided_p(1.0, Sources(())) == 0.0
    assert two_sided_p(1.0, Sources((Source(1e-9, 500),))) > 0.0
    assert two_sided_p(0.0, Sources(())) == 1.0


def _rejections(n_splits, n_seeds, variances, n, rng):
    """Of a true mean of 0 at 5 %: by each source's own t, and by one t with Satterthwaite's degrees of freedom."""
    design = design_of(np.repeat(np.arange(n_splits), n_seeds), np.tile(np.arange(n_seeds), n_splits))
    own = fitted = 0
    for _ in range(n):
        parts = [np.sqrt(one) * rng.standard_normal(size) for one, size in zip(variances, _sizes(n_splits, n_seeds), strict=True)]
        found = crossed((parts[0][:, None] + parts[1] + parts[2]).ravel(), design)
        sources = Sources(tuple(Source(one.variance, one.freedom) for one in (found.splits, found.seeds, found.rest)))
        own += abs(found.mean) > half_width(0.05, sources)
        fitted += abs(found.mean) > stats.t.isf(0.025, sources.freedom) * np.sqrt(sources.variance)
    return own / n, fitted / n


def _sizes(n_splits, n_seeds):
    return (n_splits,), (n_seeds,), (n_splits, n_seeds)


def test_each_source_by_its_own_degrees_of_freedom_keeps_the_level_where_satterthwaites_do_not():
    own, fitted = _rejections(10, 2, (0.5, 0.5, 0.5), 4000, np.random.default_rng(0))
    assert own <= 0.05
    assert fitted > 0.065


@pytest.mark.parametrize("variances", [(1, 0, 0.2), (0, 1, 0.2), (0, 0, 1)])
@pytest.mark.parametrize("layout", [(2, 2), (5, 2), (5, 5)])
def test_the_level_is_kept_whichever_source_there_is(layout, variances):
    own, _ = _rejections(*layout, variances, 1500, np.random.default_rng(1))
    assert own <= 0.065
