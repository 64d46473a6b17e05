"""The engine's statements by name (`engine.sql`)."""

from blocks.banco import load

ENGINE = load("flows.engine", "engine.sql")
