"""The executor ``ray``: units as tasks of a Ray cluster, whose nodes need no folder in common."""
