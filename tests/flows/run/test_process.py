"""How a run's process is set up; in one of its own, since the tests' would stay so."""

import os
import subprocess
import sys

from flows.run.process import ENVIRONMENT

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


HEAPS = """
import ctypes, sys, threading
libc = ctypes.CDLL(None)
standard_output = ctypes.c_void_p.in_dll(libc, "stdout")
barrier = threading.Barrier(4)
def allocate():
    made = [bytearray(1000) for _ in range(1000)]
    barrier.wait()
threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_info(0, standard_output)
libc.fflush(standard_output)
"""


def test_all_threads_of_a_run_share_one_heap() -> None:
    command = [sys.executable, "-c", HEAPS]
    done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=True)
    assert done.stdout.count("<heap nr=") == 1
