"""A run's row in log_integracao: opened at its start, closed at its end, whatever that end is."""

import pytest
from sqlalchemy import Engine, text
from sync_samples import ENTITY

from flows.run.counts import Counts
from flows.run.record import recorded


def logged(banco: Engine) -> list[tuple[str, str, int]]:
    query = "SELECT tipo_integracao, status, registros_processados FROM log_integracao ORDER BY id"
    with banco.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_run_is_open_while_it_goes_and_closed_with_its_counts(banco: Engine) -> None:
    with recorded(banco, ENTITY.name, ENTITY.title, {}, dry_run=False) as report:
        assert logged(banco) == [("amostra", "executando", 0)]
        report.counts = Counts(lidos=7)
    assert logged(banco) == [("amostra", "sucesso", 7)]


def test_quarantined_lines_make_a_run_partial(banco: Engine) -> None:
    with recorded(banco, ENTITY.name, ENTITY.title, {}, dry_run=False) as report:
        report.counts = Counts(lidos=7, rejeitados=1)
    assert logged(banco) == [("amostra", "parcial", 7)]


def test_a_failed_run_keeps_what_it_had_counted(banco: Engine) -> None:
    with pytest.raises(RuntimeError), recorded(banco, ENTITY.name, ENTITY.title, {}, dry_run=False) as report:
        report.counts = Counts(lidos=7)
        raise RuntimeError
    assert logged(banco) == [("amostra", "erro", 7)]


def test_the_row_of_a_killed_run_is_closed_by_the_next_run_of_its_entity_and_no_other(banco: Engine) -> None:
    with banco.begin() as connection:
        for entity in ("amostra", "outra"):
            row = {"tipo": entity}
            connection.execute(
                text("INSERT INTO log_integracao (tipo_integracao, status) VALUES (:tipo, 'executando')"), row
            )
    with recorded(banco, ENTITY.name, ENTITY.title, {}, dry_run=False):
        pass
    assert logged(banco) == [("amostra", "erro", 0), ("outra", "executando", 0), ("amostra", "sucesso", 0)]
