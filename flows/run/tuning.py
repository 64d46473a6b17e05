"""How Python is set up in a process that runs flows, where its own settings cost such a process time."""

import gc
import sys

LOOK = 50_000
"""New objects between two looks of the garbage collector; Python's own value is 700.

Most of a small run is the making of modules and classes that stay: a tenth of its processor time went into looking among
them, again and again, for something to throw away.
"""

SWITCH = 0.0005
"""Seconds after which a busy thread lets the others go on; Python's own value is ten times that.

The batch whose turn it is to write sends some forty statements, and before each it waited so long for those that map.
"""


def tune() -> None:
    """Set this process up; before anything else is imported."""
    gc.set_threshold(LOOK)
    sys.setswitchinterval(SWITCH)
