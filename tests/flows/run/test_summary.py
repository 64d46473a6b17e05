"""The counts that people are shown add up to what was read."""

import re

from hypothesis import given
from hypothesis import strategies as st

from flows.run.counts import Counts
from flows.run.record import summary

number = st.integers(0, 2000)


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    """Those of a run: lines read, settled ones, records set aside besides, lines that it did not come to."""
    new, changed, same, ignored, rejected, settled, besides, left = (draw(number) for _ in range(8))
    return Counts(
        documentos=draw(number),
        lidos=new + changed + same + ignored + rejected + left,
        novos=new,
        atualizados=changed,
        inalterados=same + settled,
        assentados=settled,
        ignorados=ignored,
        # what is set aside besides the lines read is told apart only if no line was left: else it is one of those
        rejeitados=rejected + (0 if left else besides),
        removidos=draw(number),
    )


@given(counts(), counts())
def test_what_became_of_the_lines_adds_up_to_the_lines_read_in_every_summary(one: Counts, other: Counts) -> None:
    for each in (one, other, one + other):
        said = summary("Carteira", each)
        read = re.search(r"(\d+) lidos? \(([^)]*)\)", said)
        assert (read is None) == (each.lidos == 0), said
        if read:
            assert sum(map(int, re.findall(r"\d+", read[2]))) == int(read[1]) == each.lidos, said


def test_rows_of_settled_documents_are_no_lines_read() -> None:
    assert summary("Carteira", Counts(documentos=18, lidos=24, novos=1, inalterados=99, assentados=76)) == (
        "Carteira: 18 documentos, 24 lidos (1 novo, 23 inalterados), 76 assentados"
    )


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    assert summary("Carteira", Counts(documentos=1, lidos=1, novos=1, inalterados=1, assentados=1, removidos=1)) == (
        "Carteira: 1 documento, 1 lido (1 novo), 1 assentado, 1 removido"
    )
    assert summary("Faxina", Counts(efeitos={"execuções do log removidas": 1})) == (
        "Faxina: 1 execução do log removida"
    )


def test_lines_that_a_run_did_not_come_to_are_told() -> None:
    assert summary("até a falha", Counts(lidos=120, novos=3)) == "até a falha: 120 lidos (3 novos, 117 por tratar)"


def test_what_is_set_aside_besides_the_lines_read_is_told_apart() -> None:
    found = Counts(documentos=1, lidos=2, inalterados=2, rejeitados=1)
    assert summary("Carteira", found) == "Carteira: 1 documento, 2 lidos (2 inalterados), 1 rejeitado à parte"
