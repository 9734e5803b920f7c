"""How much memory the process has needed."""

import sys


def peak_resident_mb() -> float:
    """Peak resident memory of this process so far, in MB (10^6 bytes); 0 where the platform does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
