"""What CI asks of tox beside its environments: each is deleted as soon as its commands have run, so that disks need hold one.

All of them together take 26 GB, of which torch built for CUDA is most.
"""

import os
import shutil

from tox.execute import Outcome
from tox.plugin import impl
from tox.tox_env.api import ToxEnv


@impl
def tox_after_run_commands(tox_env: ToxEnv, exit_code: int, outcomes: list[Outcome]) -> None:
    """Delete the environment, where ``CFCE_DELETE_ENVIRONMENTS`` is set."""
    if "CFCE_DELETE_ENVIRONMENTS" in os.environ:
        shutil.rmtree(tox_env.env_dir)
