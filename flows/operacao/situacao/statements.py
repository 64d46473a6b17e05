"""The statements about the jobs of the timetable by name (`situacao.sql`)."""

from blocks.banco import load

SITUACAO = load("flows.operacao.situacao", "situacao.sql")
