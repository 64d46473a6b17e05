"""How a process that does a run is set up, once all that it needs is imported."""

import gc
import sys
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType(
    {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": str(128 * 1024)}
)
"""What the process is to be started with, where the environment does not say otherwise: one heap for all threads, and
blocks from 128 KB on, such as answers of Odoo, outside of it, so that they are given back at once. Of a heap for each
thread, what one thread has freed no other takes: a first load of a million lines needed 30 MB more."""

_THRESHOLDS = (700, 10, 10)
"""Python's own: new objects until the garbage collector looks, and how often it looks among older ones."""

_SWITCH = 0.0005
"""Seconds that a thread computes on while another one waits to. With Python's own, ten times as many, a batch that has
its domain's turn waits after each statement for what others compute: a first load took 25.3 s instead of 23.8."""


@cache
def set_up() -> None:
    """Have the garbage collector pass over all that is there, such as modules, and threads give way sooner.

    To be called when a run begins, again without effect. The worker's processes have begun with a collector that hardly
    looks (`flows/operacao/engine.py`); from here on what is new is the run's own, and must not pile up.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    sys.setswitchinterval(_SWITCH)
