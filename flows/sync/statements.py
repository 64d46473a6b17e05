"""The statements of a sync by name (`sync.sql`)."""

from blocks.banco import load

SYNC = load("flows.sync", "sync.sql")
