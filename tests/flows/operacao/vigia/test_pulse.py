"""What `saude` says of the vigia."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.operacao.verdicts import Grade, judge_vigia
from flows.operacao.vigia.pulse import Beat

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LOOKED = {"Odoo": NOW - timedelta(seconds=9), "Tiny": NOW - timedelta(seconds=40)}


def beat(*, ago: float = 10, on: bool = True, failing: dict[str, str] | None = None) -> Beat:
    return Beat(NOW - timedelta(seconds=ago), on, LOOKED, failing or {})


@pytest.mark.parametrize(
    ("given", "grade", "told"),
    [
        (None, Grade.OK, "não há: as mudanças esperam as agendas"),
        (beat(), Grade.OK, "Odoo olhado há 9 s, Tiny olhado há 40 s"),
        (beat(on=False), Grade.OK, "desligada"),
        (beat(ago=179), Grade.OK, "Odoo olhado"),
        (
            beat(ago=600),
            Grade.WARNING,
            "sem sinal há 10 min, e as mudanças esperam as agendas: inicie sincronia vigia",
        ),
        (beat(failing={"Odoo": "Unreachable: caiu"}), Grade.WARNING, "Odoo não pôde ser olhado: Unreachable: caiu"),
    ],
)
def test_the_vigia_is_judged_by_its_last_sign(given: Beat | None, grade: Grade, told: str) -> None:
    verdict = judge_vigia(given, NOW)
    assert verdict.grade is grade
    assert told in verdict.told
