"""What the operator may ask for, and what is said about the rest."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from flows.run.errors import BadParameters
from flows.run.parameters import LONGEST_WINDOW, MOST_DOCUMENTS
from flows.sync.request import Request

DAY = datetime(2026, 11, 20, 9)


def test_nothing_asked_is_everything_since_the_checkpoint() -> None:
    assert Request.of() == Request()
    assert Request.of().described() == "desde o último checkpoint"


def test_a_window_is_a_width_in_minutes() -> None:
    assert Request.of(janela_minutos=120) == Request(width=timedelta(hours=2))
    assert Request.of(janela_minutos=120).described() == "janela de 120 minutos"


def test_a_moment_without_a_zone_is_meant_in_sao_paulo() -> None:
    asked = Request.of(
        desde=DAY, ate=datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=1))) + timedelta(days=1)
    )
    assert asked.since == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert asked.until == datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert asked.described() == "desde 20/11/2026 09:00:00 até 21/11/2026 06:00:00"


def test_summer_time_of_old_years_is_respected() -> None:
    assert Request.of(desde=datetime(2018, 12, 1, 9)).since == datetime(2018, 12, 1, 11, tzinfo=UTC)


def test_numbers_are_trimmed_and_each_asked_for_once_in_their_order() -> None:
    assert Request.of(documentos=[" VSC2 ", "VSC1", "VSC2"]).numbers == ("VSC2", "VSC1")


def test_many_numbers_are_described_shortly() -> None:
    asked = Request.of(documentos=[f"V{number}" for number in range(30)])
    assert asked.described().endswith("V9 …")


def test_a_dry_run_goes_with_anything() -> None:
    assert Request.of(janela_minutos=5, dry_run=True) == Request(width=timedelta(minutes=5), dry_run=True)


def test_a_limit_of_deletions_goes_with_anything_and_is_told() -> None:
    asked = Request.of(janela_minutos=5, limite_exclusao=0.5)
    assert asked == Request(width=timedelta(minutes=5), limite_exclusao=0.5)
    assert asked.described() == "janela de 5 minutos, limite de exclusão 50%"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limite_exclusao": 1.1}, "limite_exclusao=1.1: informe um número de 0 a 1"),
        ({"limite_exclusao": -0.1}, "limite_exclusao=-0.1: informe um número de 0 a 1"),
        ({"limite_exclusao": float("nan")}, "limite_exclusao=nan: informe um número de 0 a 1"),
        ({"janela_minutos": 0}, "janela_minutos=0: informe de 1 a 5270400 minutos"),
        ({"janela_minutos": -5}, "janela_minutos=-5: informe de 1 a"),
        ({"janela_minutos": 5_270_401}, "janela_minutos=5270401: informe de 1 a"),
        ({"janela_minutos": 10**15}, "janela_minutos=1000000000000000: informe de 1 a"),
        ({"ate": DAY}, "ate sem desde: informe também desde"),
        ({"desde": DAY, "ate": DAY}, "desde=20/11/2026 09:00:00 não é anterior a ate=20/11/2026 09:00:00"),
        ({"desde": DAY, "ate": DAY - timedelta(days=1)}, "não é anterior a ate=19/11/2026 09:00:00"),
        ({"desde": datetime(2999, 1, 1)}, "desde=01/01/2999 00:00:00 está no futuro"),
        ({"desde": DAY, "ate": datetime.max}, "ate=9999-12-31 23:59:59.999999"),
        ({"desde": datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))}, "desde=0001-01-01 00:00:00+05:00"),
        ({"desde": datetime.min.replace(tzinfo=UTC)}, "informe uma data entre os anos 2 e 9998"),
        ({"documentos": []}, "documentos está vazio"),
        ({"documentos": ["V1", " "]}, "documentos contém um número em branco"),
        ({"documentos": ["V1", "V\ud800"]}, "documentos contém 'V\\ud800'"),
        ({"documentos": ["V\0"]}, "documentos contém 'V\\x00'"),
        ({"documentos": ["V\uffff"]}, "documentos contém 'V\\uffff'"),
        ({"documentos": [7]}, "documentos contém 7"),
        (
            {"documentos": [str(n) for n in range(MOST_DOCUMENTS + 1)]},
            "documentos tem 1001 números; informe no máximo 1000",
        ),
        (
            {"janela_minutos": 5, "desde": DAY},
            "só um de janela_minutos, desde/ate ou documentos; vieram janela_minutos e desde/ate",
        ),
        ({"janela_minutos": 5, "documentos": ["V1"]}, "vieram janela_minutos e documentos"),
        ({"ate": DAY, "documentos": ["V1"]}, "vieram desde/ate e documentos"),
        ({"janela_minutos": 0, "documentos": []}, "vieram janela_minutos e documentos"),
    ],
)
def test_a_parameter_that_cannot_be_met_is_refused_by_name_and_value(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(BadParameters) as raised:
        Request.of(**asked)
    assert said in str(raised.value)


def test_the_limits_themselves_are_accepted() -> None:
    assert Request.of(janela_minutos=1).width == timedelta(minutes=1)
    assert Request.of(janela_minutos=5_270_400).width == LONGEST_WINDOW
    assert len(Request.of(documentos=[str(number) for number in range(MOST_DOCUMENTS)]).numbers) == MOST_DOCUMENTS
