"""The statements of every run by name (`run.sql`)."""

from blocks.banco import load

RUN = load("flows.run", "run.sql")
