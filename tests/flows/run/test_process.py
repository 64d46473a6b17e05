"""How a run's process is set up; in one of its own, since the tests' would stay so."""

import subprocess
import sys

PROGRAM = """
import gc, sys
gc.set_threshold(50_000)
from flows.run.process import set_up
set_up()
frozen = gc.get_freeze_count()
made = [[] for _ in range(1000)]
set_up()
print(gc.get_threshold()[0], frozen > 1_000, gc.get_freeze_count() == frozen, sys.getswitchinterval())
"""


def test_what_was_imported_is_not_looked_through_again_and_threads_give_way_sooner() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["700", "True", "True", "0.0005"]
