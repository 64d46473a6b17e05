"""Prefect's engine, as the worker starts it for each run, with a garbage collector that looks at less.

Most of a small run is the making of modules and classes that stay: with Python's own threshold a tenth of the run's
processor time goes into looking among them, again and again, for something to throw away. Once its work begins, the run
has the usual collector (`flows/run/process.py`).
"""

import gc
import runpy

THRESHOLD = 50_000
"""New objects between two looks; Python's own value is 700."""

if __name__ == "__main__":
    gc.set_threshold(THRESHOLD)
    runpy.run_module("prefect.engine", run_name="__main__")
