"""The way of the data is one direction: no circle of imports, those inside functions and for types included."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bench
import cfce

PACKAGES = {"bench": Path(str(bench.__file__)).parent, "cfce": Path(str(cfce.__file__)).parent}
MODULES = {
    ".".join([package, *path.relative_to(root).with_suffix("").parts]).removesuffix(".__init__"): path
    for package, root in PACKAGES.items()
    for path in root.rglob("*.py")
}


def defining(package: str, name: str) -> str:
    """The module that a name of a package comes from."""
    if f"{package}.{name}" in MODULES:
        return f"{package}.{name}"
    for node in ast.parse(MODULES[package].read_bytes()).body:
        if isinstance(node, ast.ImportFrom) and node.module and any((one.asname or one.name) == name for one in node.names):
            return defining(node.module, name) if is_package(node.module) else node.module
    return package


def is_package(module: str) -> bool:
    return module in MODULES and MODULES[module].name == "__init__.py"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for one in node.names:
                yield defining(node.module, one.name) if is_package(node.module) else node.module


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    return {module: {one for one in imported(path) if one in MODULES and one != module} for module, path in MODULES.items()}


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle of modules, by depth-first search; empty for none."""
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module in done:
            return []
        for other in sorted(graph[module]):
            if found := walk(other, [*way, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := walk(module, []))), [])


def test_there_is_no_circle_of_imports(graph):
    assert circle(graph) == []


def test_a_circle_is_found_where_there_is_one(graph):
    """The search can fail: an import of the report by the study closes a circle."""
    closed = {**graph, "bench.study.study": {*graph["bench.study.study"], "bench.report.write"}}
    assert "bench.study.study" in circle(closed)


def test_cfce_never_imports_bench(graph):
    wrong = [(one, other) for one, others in graph.items() for other in others if one[:4] == "cfce" and other[:5] == "bench"]
    assert wrong == []
