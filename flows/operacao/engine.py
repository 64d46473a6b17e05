"""Prefect's engine, as the worker starts it for each run, in a process that is set up for flows."""

import runpy

from flows.run.tuning import tune

if __name__ == "__main__":
    tune()
    runpy.run_module("prefect.engine", run_name="__main__")
