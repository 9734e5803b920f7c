"""Plug-ins that are edited, or share a file name, or have helpers: a trial of other code is never kept."""

import sys

from bench.plan.plan import Flags, make_plan
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS

KIND = "plug-ins whose code has changed"
PLUGIN = """
from bench.registry import register_variant
from cfce.models.dot_product_bias import dot_product_bias
{helper}

@register_variant("{name}", "a test's", objective="squared-error")
def scorer(sizes):
    return {call}(sizes)  # {version}
"""


def ids(names):
    plan = make_plan(Flags(variants=names, seeds=1))
    found = {}
    for trial in plan.trials("data", "f" * 64):
        found.setdefault(trial.variant, set()).add(trial.trial_id)
    return {name: found[name] for name in names}


def write(path, name, version, helper="", call="dot_product_bias"):
    path.parent.mkdir(exist_ok=True)
    path.write_text(PLUGIN.format(name=name, version=version, helper=helper, call=call))


def test_an_edit_of_one_of_two_plug_ins_of_one_file_name_changes_its_trials_alone(tmp_path, kind):
    a, b = tmp_path / "a" / "mine.py", tmp_path / "b" / "mine.py"
    write(a, "first", 1)
    write(b, "second", 1)
    load_parts((a, b))
    before = ids(("first", "second"))
    write(a, "first", 2)
    load_parts((a, b))
    after = ids(("first", "second"))
    forget("first", "second")
    kind.expect(not before["first"] & after["first"], "the edited one")
    kind.expect(before["second"] == after["second"], "the other one")


def test_an_edit_of_a_helper_changes_the_trials(tmp_path, kind):
    plugin, helper, further = tmp_path / "p" / "mine.py", tmp_path / "p" / "beside.py", tmp_path / "p" / "further.py"
    write(plugin, "helped", 1, "from beside import build", "build")
    helper.write_text("from cfce.models.dot_product_bias import dot_product_bias\nimport further\n\nbuild = dot_product_bias\n")
    further.write_text("VALUE = 1\n")
    seen = []
    for path, text in ((further, "VALUE = 2\n"), (helper, helper.read_text() + "# edited\n"), (further, "VALUE = 3\n")):
        load_parts((plugin,))
        seen.append(frozenset(ids(("helped",))["helped"]))
        path.write_text(text)
    load_parts((plugin,))
    seen.append(frozenset(ids(("helped",))["helped"]))
    forget("helped")
    for name in ("beside", "further"):
        sys.modules.pop(name, None)
    kind.expect(len(set(seen)) == len(seen), seen)


def forget(*names):
    for name in names:
        VARIANTS.forget(name)
