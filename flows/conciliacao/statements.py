"""The statements of the reconciliation by name (`conciliacao.sql`)."""

from blocks.banco import load

CONCILIACAO = load("flows.conciliacao", "conciliacao.sql")
