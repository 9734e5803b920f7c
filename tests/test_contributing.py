"""What CONTRIBUTING.md and the pages of docs show is what is there, and what the tests run."""

import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KINDS = ("dataset", "protocol", "objective", "variant", "engine", "metric", "executor")


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_code_block_is_a_plug_in_that_the_tests_run_and_every_plug_in_is_shown(text: str) -> None:
    shown = re.findall(r"<!-- tests/plugins/(\w+)\.py -->\n```python\n(.*?)```\n", text, re.S)
    assert [kind for kind, _ in shown] == list(KINDS)
    assert len(shown) == text.count("```python")
    for kind, code in shown:
        assert code == (ROOT / "tests" / "plugins" / f"{kind}.py").read_text(encoding="utf-8"), f"the {kind} is another here"


def test_there_is_a_recipe_with_a_command_for_each_kind_of_part_that_has_a_registry(text: str) -> None:
    from bench.registry import REGISTRIES

    recipes = re.findall(r"^### An? (\w+)$", text, re.M)
    commands = re.findall(r"^python -m bench run --plugin tests/plugins/(\w+)\.py ", text, re.M)
    assert recipes == commands == list(KINDS)
    assert {kind.removesuffix("s") for kind in REGISTRIES} <= set(recipes)


def test_every_file_that_it_links_is_there(text: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_every_environment_of_tox_that_it_names_is_one(text: str) -> None:
    tox = (ROOT / "tox.ini").read_text()
    environments = re.search(r"^env_list = (.*)$", tox, re.M)
    assert environments is not None
    named = re.findall(r"`tox -e (\w+)`", text)
    assert named
    assert set(named) <= {*environments[1].split(", "), *re.findall(r"^\[testenv:(\w+)\]", tox, re.M)}


PAGES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md", "docs/study-format.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_folder_and_object_that_a_page_names_is_there(page: str) -> None:
    """``cfce/x.py`` and ``tests/x`` are paths from the root, ``bench.x.y`` is a module or what is in one."""
    words = set(re.findall(r"`([^`\n]+)`", (ROOT / page).read_text(encoding="utf-8")))
    paths = {word for word in words if re.fullmatch(r"(cfce|bench|tests|docs)/[\w/.*-]*", word)}
    assert {path for path in paths if not list(ROOT.glob(path))} == set()
    objects = {word for word in words if re.fullmatch(r"(cfce|bench)(\.\w+)+", word)}
    assert {name for name in objects - {"cfce.plugins"} if not _is_importable(name)} == set()


def _is_importable(name: str) -> bool:
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_every_link_of_a_page_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (ROOT / page).parent.joinpath(link).exists()]
    assert missing == []
