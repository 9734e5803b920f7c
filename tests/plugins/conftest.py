"""Plug-ins are files for ``--plugin``: collecting doctests must not import them, since that would register their parts."""

collect_ignore_glob = ["*.py"]
