"""The peers in environments of their own take minutes and packages from the index: they run under ``-m peers`` alone."""


def pytest_collection_modifyitems(config, items):
    if "peers" in (config.getoption("markexpr") or ""):
        return
    kept = [item for item in items if item.get_closest_marker("peers") is None]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
