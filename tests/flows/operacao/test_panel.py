"""The panel tells at a glance how all jobs stand, exactly, whatever is in the records, and stays small."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from flows.operacao.deployments import Deployment
from flows.operacao.painel.canvas import LEFT, RIGHT
from flows.operacao.painel.panel import headline, panel
from flows.operacao.situacao.overview import DAY, LoggedRun, Overview, Situation
from flows.operacao.situacao.words import clock, lasting, number, plain, span
from flows.run.counts import Counts
from flows.run.report import Logged, Status

NOW = datetime(2026, 7, 22, 17, 32, tzinfo=UTC)  # 14:32 in São Paulo
SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 150_000


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def run(job: str, status: str, *, before: float, seconds: float = 12.5, message: str = "", **counts: int) -> LoggedRun:
    return LoggedRun(job, Status(status), message, NOW - minutes(before), seconds, Logged(Counts(**counts)))


def situation(job: str, runs: list[LoggedRun], **given: Any) -> Situation:
    succeeded = [each for each in runs if each.status.succeeded]
    made = Situation(
        job=job,
        title=job.capitalize(),
        group="vendas",
        scheduled="vendas/vendas-agendada",
        interval=minutes(30),
        recovery=f"{job}/{job}-recuperacao",
        checkpoint=None,
        last_success=succeeded[-1].began + timedelta(seconds=succeeded[-1].seconds) if succeeded else None,
        holder=None,
        pending=0,
        exhausted=0,
        waiting=0,
        last_run=runs[-1] if runs else None,
    )
    return replace(made, **given)


def overview(*situations: Situation, runs: list[LoggedRun]) -> Overview:
    return Overview(NOW, situations, tuple(sorted(runs, key=lambda each: each.began)))


def deployment(*, switched_off: bool = False, created: datetime | None = None) -> Deployment:
    """The deployment that runs all these jobs."""
    schedules = ((UUID(int=2), True),)
    return Deployment(UUID(int=1), "vendas/vendas-agendada", "vendas", switched_off, schedules, {}, created)


def of_one(*runs: LoggedRun, **given: Any) -> Overview:
    """An overview of the job `carteira`, its runs given oldest first."""
    return overview(situation("carteira", list(runs), **given), runs=list(runs))


def pictures(markdown: str) -> list[ET.Element]:
    found = re.findall(r"!\[[^\]]+\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", markdown)
    return [ET.fromstring(base64.b64decode(each)) for each in found]


def words(markdown: str) -> str:
    """What is not in pictures."""
    return re.sub(r"!\[[^\]]*\]\([^)]*\)", "", markdown)


def drawn(picture: ET.Element) -> set[str]:
    return {text.text or "" for text in picture.iter(f"{SVG}text")}


def styles(picture: ET.Element) -> list[str]:
    return [each.get("class", "") for each in picture.iter(f"{SVG}path")]


def hatched(picture: ET.Element) -> list[ET.Element]:
    """The hatched places, without the legend's."""
    return [each for each in picture.iter(f"{SVG}rect") if each.get("fill") == "url(#h)"][:-1]


def test_all_well_says_so_and_asks_for_nothing() -> None:
    seen = of_one(run("carteira", "sucesso", before=12.5, novos=3))
    said = words(panel(seen))
    assert headline(seen) == "✅ 1 processo, nenhum atraso"
    assert "14:32 de 22/07/2026" in said
    assert "Nada: nenhum atraso" in said
    assert "| Carteira | 14:19, há 12 min | 1 | 0 | 12,5 s | 12,5 s |" in said
    assert "| Carteira | 3 | 0 | 0 | 0 | – |" in said
    assert not hatched(pictures(panel(seen))[0])


def test_a_late_job_is_marked_in_headline_picture_and_list_with_its_command() -> None:
    runs = [run("carteira", "sucesso", before=300)]
    seen = of_one(*runs)
    said, [timeline, _] = words(panel(seen)), pictures(panel(seen))
    assert headline(seen) == "⚠️ 1 processo atrasado"
    assert "**Carteira**: ATRASADA; último sucesso: 09:32, há 4 h 59 min; nenhuma execução desde então" in said
    assert "`prefect deployment run carteira/carteira-recuperacao`" in said
    assert "`prefect deployment schedule ls vendas/vendas-agendada`" in said
    assert "09:32, há 4 h 59 min · ATRASADA" in drawn(timeline)
    [gap] = hatched(timeline)
    assert float(gap.get("width", "0")) == pytest.approx((RIGHT - LEFT) * 300 / 1440, abs=0.2)


def test_a_job_that_never_succeeded_is_told_apart_and_hatched_all_along() -> None:
    seen = of_one()
    assert headline(seen) == "⚠️ 1 ainda sem nenhum sucesso"
    assert "último sucesso: nunca; nenhuma execução" in words(panel(seen))
    [gap] = hatched(pictures(panel(seen))[0])
    assert float(gap.get("width", "0")) == RIGHT - LEFT


def test_a_job_that_nothing_schedules_is_never_late() -> None:
    seen = of_one(scheduled=None, interval=None)
    assert headline(seen) == "✅ 1 processo, nenhum atraso"
    assert "nunca · sob demanda" in drawn(pictures(panel(seen))[0])


def test_a_failure_that_is_not_recovered_yet_says_why_and_that_the_next_run_will() -> None:
    runs = [run("carteira", "sucesso", before=40), run("carteira", "erro", before=10, message="o Odoo não respondeu")]
    seen = of_one(*runs)
    assert headline(seen) == "⚠️ 1 falhou por último"
    assert "uma falha (14:22): o Odoo não respondeu" in words(panel(seen))
    assert "A próxima execução recupera tudo sozinha" in words(panel(seen))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"de": "2024-01", "ate": "2024-06"},
            "`prefect deployment run tiny-carga/tiny-carga-recuperacao -p de=2024-01 -p ate=2024-06`",
        ),
        ({}, "Retry na execução"),  # its record is of an earlier version
    ],
)
def test_what_cannot_be_run_without_parameters_is_recovered_with_those_that_it_had(
    given: dict[str, Any], told: str
) -> None:
    failed = run("tiny-carga", "erro", before=10, message="caiu")
    failed = replace(failed, report=replace(failed.report, given=given))
    said = panel(overview(situation("tiny-carga", [failed], scheduled=None, interval=None), runs=[failed]), {})
    assert told in said
    assert ("prefect deployment run" in said) == bool(given)


def test_a_failure_that_a_later_run_made_good_is_listed_as_recovered() -> None:
    runs = [run("carteira", "erro", before=40, message="fora do ar"), run("carteira", "sucesso", before=10)]
    said = words(panel(of_one(*runs)))
    assert "Nada: nenhum atraso" in said
    assert "### Já recuperado\n\n- **Carteira**: uma falha (13:52): fora do ar" in said


def test_a_failure_stays_open_while_the_next_run_is_still_at_work() -> None:
    runs = [
        run("carteira", "sucesso", before=45),
        run("carteira", "erro", before=30, message="fora do ar"),
        run("carteira", "executando", before=2, seconds=0),
    ]
    said = words(panel(of_one(*runs, holder=4711)))
    assert "Em execução desde 14:30: aguarde o fim." in said
    assert "Já recuperado" not in said


def test_a_paused_job_is_neither_late_nor_fine_and_the_command_that_resumes_it_is_told() -> None:
    seen = of_one(run("carteira", "sucesso", before=300))
    paused = {"vendas/vendas-agendada": deployment(switched_off=True)}
    markdown = panel(seen, paused)
    assert headline(seen, paused) == "✅ 1 processo, nenhum atraso, 1 pausado"
    assert "09:32, há 4 h 59 min · pausada" in drawn(pictures(markdown)[0])
    assert not hatched(pictures(markdown)[0])
    assert "Nada: nenhum atraso" in words(markdown)
    assert "### Pausados\n\n- **Carteira**: último sucesso: 09:32, há 4 h 59 min" in words(markdown)
    assert "`sincronia controle retomar vendas/vendas-agendada`" in words(markdown)


def test_a_failure_of_a_paused_job_is_not_left_to_a_next_run() -> None:
    runs = [run("carteira", "sucesso", before=40), run("carteira", "erro", before=10, message="fora do ar")]
    markdown = panel(of_one(*runs), {"vendas/vendas-agendada": deployment(switched_off=True)})
    assert "uma falha (14:22): fora do ar" in words(markdown)
    assert "Está pausada e não se recupera sozinha: `prefect deployment run carteira/" in words(markdown)


def test_a_job_that_could_not_have_run_yet_is_not_late() -> None:
    new = {"vendas/vendas-agendada": deployment(created=NOW - minutes(20))}
    assert headline(of_one(), new) == "✅ 1 processo, nenhum atraso"
    assert "nunca · nunca rodou" in drawn(pictures(panel(of_one(), new))[0])


def test_a_skipped_run_is_no_failure_and_is_told_from_a_success() -> None:
    seen = of_one(run("carteira", "pulada", before=10, message="O Odoo não tem isso"), last_success=NOW)
    assert headline(seen) == "✅ 1 processo, nenhum atraso"
    [bar] = [each for each in pictures(panel(seen))[0].iter(f"{SVG}path") if each.get("class") == "mute"][1:2]
    assert re.fullmatch(r"M\d+ 0v-[\d.]+", bar.get("d", ""))


def test_a_killed_run_is_shown_as_interrupted() -> None:
    killed = run("carteira", "interrompida", before=40, seconds=0, message="Execução interrompida antes de terminar")
    seen = of_one(killed, run("carteira", "sucesso", before=10))
    assert "uma falha (13:52): interrompida antes de terminar" in words(panel(seen))
    assert "| Carteira | 14:22, há 9 min | 2 | 1 | 12,5 s | 12,5 s |" in words(panel(seen))


@pytest.mark.parametrize(
    ("status", "seconds", "sign"),
    [
        ("sucesso", 5.0, None),
        ("parcial", 5.0, "part dot"),
        ("erro", 5.0, "bad box"),
        ("interrompida", 0.0, "bad heavy"),
        ("pulada", 5.0, None),
        ("executando", 0.0, "go heavy"),
    ],
)
def test_every_outcome_but_success_has_a_sign_of_its_own_shape_besides_its_colour(
    status: str, seconds: float, sign: str | None
) -> None:
    one = run("carteira", status, before=15, seconds=seconds)
    given = {"holder": 4711, "last_success": NOW - minutes(20), "interval": minutes(30)}
    last = situation("carteira", [one], **given)
    # the job's own sign at the left is not what is looked for: a check mark, or a cross for a failure
    quiet = of_one(holder=4711, last_success=NOW - minutes(20), interval=minutes(30))
    loud = Overview(NOW, (last,), (one,))
    added = styles(pictures(panel(loud))[0])
    for each in styles(pictures(panel(quiet))[0]):
        if each in added:
            added.remove(each)
    signs = [each for each in added if " " in each]
    expected = [sign] if sign else []
    if one.failed:
        expected = sorted([*expected, "bad heavy sign"])  # the job's sign: its last run failed
    assert sorted(signs) == expected


def test_bars_grow_with_the_duration_and_stand_where_the_run_began() -> None:
    def bar(seconds: float, before: float) -> tuple[int, float]:
        seen = of_one(run("carteira", "sucesso", before=before, seconds=seconds), last_success=NOW)
        [path] = [each for each in pictures(panel(seen))[0].iter(f"{SVG}path") if each.get("class") == "good"][-2:-1]
        found = re.fullmatch(r"M(\d+) [\d.]+v-([\d.]+)", path.get("d", ""))
        assert found, path.get("d")
        return int(found[1]), float(found[2])

    heights = [bar(seconds, 720)[1] for seconds in (0.1, 2, 30, 600, 3600, 7200)]
    assert heights == sorted(heights)
    assert len(set(heights)) == 5  # nothing is higher than an hour
    assert [bar(5, before)[0] for before in (1440, 720, 0)] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]


def test_hours_are_those_of_sao_paulo_and_midnight_is_a_date() -> None:
    timeline = pictures(panel(of_one()))[0]
    assert {"15h", "18h", "21h", "22/07", "03h", "06h", "09h", "14:32"} <= drawn(timeline)
    assert "00h" not in drawn(timeline)
    [midnight] = [each for each in timeline.iter(f"{SVG}text") if each.text == "22/07"]
    assert float(midnight.get("x", "0")) == pytest.approx(RIGHT - (RIGHT - LEFT) * (14 * 60 + 32) / 1440, abs=0.1)


def test_rows_are_summed_per_hour_of_sao_paulo_and_all_of_them_are_there() -> None:
    runs = [
        run("carteira", "sucesso", before=1439, novos=7),
        run("carteira", "parcial", before=92 + 30, novos=1000, rejeitados=2),  # 12:30
        run("carteira", "sucesso", before=92 + 10, novos=1500),  # 12:50
        run("carteira", "sucesso", before=0, novos=3),
    ]
    _, hours = pictures(panel(of_one(*runs)))
    assert {"2.510", "hora mais cheia: 2.500 linhas, às 12h", "hora mais cheia: 2 linhas, às 12h"} <= drawn(hours)
    assert len([each for each in hours.iter(f"{SVG}rect") if each.get("class") == "bars"]) == 4


def test_the_quarantine_is_told_by_status_and_the_exhausted_want_a_person() -> None:
    seen = of_one(run("carteira", "sucesso", before=5), pending=3, exhausted=1200, waiting=1)
    assert headline(seen) == "⚠️ 1 com quarentena esgotada"
    assert "| 3 pendentes, 1.200 esgotados, 1 aguardando |" in words(panel(seen))
    assert "tentativas esgotadas em Carteira (1.200)" in words(panel(seen))


NASTY = "tubo | cano\nlinha <script>alert(1)</script> ![x](http://x/y.png) [z](javascript:1) `code` **b** \\| &lt;"


def test_a_message_stays_one_line_of_plain_text() -> None:
    runs = [run("carteira", "sucesso", before=40), run("carteira", "erro", before=10, message=NASTY)]
    [item] = [line for line in words(panel(of_one(*runs))).splitlines() if "tubo" in line]
    assert r"tubo \| cano linha \<script\>alert\(1\)\<\/script\> \!\[x\]" in item
    assert not re.search(r"(?<!\\)[|<>`\[\]!]", item)


def test_a_title_cannot_break_picture_or_table() -> None:
    markdown = panel(of_one(title='<b>"Nota" & | </text>\x07', exhausted=1))
    [timeline, _] = pictures(markdown)
    assert '<b>"Nota" & | </text>' in drawn(timeline)
    rows = [line for line in markdown.splitlines() if line.startswith("| \\<b\\>")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [7, 7]


def test_on_a_phone_every_name_stays_with_its_last_success_and_what_has_no_room_is_left_out() -> None:
    runs = [run("carteira", "sucesso", before=40), run("carteira", "erro", before=10)]
    timeline, hours = pictures(panel(of_one(*runs)))
    assert "@media(max-width:560px)" in (timeline.findtext(f"{SVG}style") or "")

    def kept(picture: ET.Element) -> dict[str, set[str]]:
        found = {each.text or "": {*each.get("class", "").split()} for each in picture.iter(f"{SVG}text")}
        return {said: css for said, css in found.items() if "w" not in css}

    assert {said: css & {"t", "n", "h"} for said, css in kept(timeline).items()} == {
        "processo, último sucesso": {"h"},
        "Carteira": {"t"},
        "13:52, há 39 min · falhou por último": {"n"},
    }
    assert kept(hours).keys() == {"novos", "atualizados", "removidos", "rejeitados", "0"}


def test_a_long_message_is_cut() -> None:
    assert plain("x" * 500) == "x" * 219 + "…"


def test_before_a_deployment_it_says_what_to_do() -> None:
    assert "make deploy" in panel(Overview(NOW, (), ()))
    assert headline(Overview(NOW, (), ())) == "⚠️ nenhum processo na agenda"


@pytest.mark.parametrize(("status", "every"), [("sucesso", 1), ("sucesso", 5), ("parcial", 5), ("erro", 5)])
def test_it_stays_small_however_often_the_jobs_run(status: str, every: int) -> None:
    names = [f"processo número {number} de nome bastante longo" for number in range(14)]
    long = "Uma mensagem (com pontuação) " * 40
    runs = {
        name: [
            run(name, status, before=before, seconds=before % 97 + 0.3, message=long, novos=7)
            for before in range(1440, 0, -every)
        ]
        for name in names
    }
    situations = [situation(name, runs[name]) for name in names]
    markdown = panel(overview(*situations, runs=[each for some in runs.values() for each in some]))
    assert len(markdown.encode()) < MOST_BYTES, len(markdown.encode())
    assert f"{number(14 * 1440 // every)} execuções" in words(markdown)


def test_pictures_have_a_background_of_their_own_and_words_for_who_cannot_see_them() -> None:
    markdown = panel(of_one())
    assert len(re.findall(r"!\[[^\]]{40,}\]\(", markdown)) == 2
    for picture in pictures(markdown):
        background = next(picture.iter(f"{SVG}rect"))
        assert background.get("class") == "bg"
        assert picture.findtext(f"{SVG}title")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (number(1234567), "1.234.567"),
        (span(timedelta(seconds=40)), "40 s"),
        (span(timedelta(seconds=-1)), "0 s"),
        (span(minutes(12.9)), "12 min"),
        (span(minutes(60)), "1 h"),
        (span(minutes(2879)), "47 h 59 min"),
        (span(2 * DAY), "2 dias"),
        (lasting(0.04), "0,0 s"),
        (lasting(59.94), "59,9 s"),
        (lasting(59.96), "1 min 00 s"),
        (lasting(125), "2 min 05 s"),
        (lasting(3599.6), "1 h 00 min"),
        (clock(NOW, NOW), "14:32"),
        (clock(datetime(2026, 7, 22, 2, 59, tzinfo=UTC), NOW), "21/07 23:59"),
        (clock(datetime(2025, 12, 31, 12, tzinfo=UTC), NOW), "31/12/2025 09:00"),
    ],
)
def test_numbers_and_times_are_written_as_brazilians_write_them(said: str, meant: str) -> None:
    assert said == meant
