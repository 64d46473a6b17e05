"""That the machine is worth something: schedules come of their seeds alone, every fault strikes, every loss is told."""

from collections.abc import Iterator
from itertools import chain

import pytest

from tests.chaos.play import play
from tests.chaos.schedule import (
    BUSINESS,
    CLOCKS,
    CRASHES,
    DATABASE,
    MEANWHILE,
    NETWORK,
    NO_ANSWER,
    PURCHASES,
    SALES,
    TINY,
    Business,
    Fault,
    Person,
    Run,
    Schedule,
    Step,
    drawn,
)
from tests.chaos.tiny_world import KINDS
from tests.chaos.world import World
from tests.chaos.worlds import Worlds, worlds

ALL = (*NETWORK, *DATABASE, *CRASHES, *MEANWHILE, *CLOCKS)
STRUCK_AT = {"deadlock": 22, "kill_lock": 12, "unanswered_commit": 1, "crash_before_commit": 1, "crash_after_commit": 1}
"""After how many moments a fault strikes in the middle of a run; others after ten."""


@pytest.fixture(scope="module")
def chaos() -> Iterator[Worlds]:
    with worlds() as made:
        yield made


def of(domain: str, *steps: Step) -> Schedule:
    return Schedule(0, "17.0", "vanilla", "jsonrpc", domain, False, steps)


def test_a_schedule_is_a_function_of_its_seed() -> None:
    assert [drawn(seed) for seed in range(50)] == [drawn(seed) for seed in range(50)]
    assert len({str(drawn(seed)) for seed in range(50)}) == 50


def test_the_schedules_of_make_test_hold_every_kind_of_fault_and_of_business() -> None:
    steps = [*chain.from_iterable(drawn(seed).steps for seed in range(160))]
    faults = {fault.kind for step in steps if isinstance(step, Run) for fault in step.faults}
    assert faults == {*ALL, *NO_ANSWER}
    assert {step.what for step in steps if isinstance(step, Business)} == {*chain.from_iterable(BUSINESS.values())}
    assert any(isinstance(step, Run) and step.killed for step in steps)


@pytest.mark.parametrize("kind", ALL)
def test_a_fault_strikes_in_the_middle_of_a_run_and_the_next_run_makes_up_for_it(chaos: Worlds, kind: str) -> None:
    fault = Fault(kind, STRUCK_AT.get(kind, 10), 1, 3)
    played = play(chaos, of(SALES, Business("sell", 1), Business("invoice", 2), Run("carteira", (fault,))))
    assert played.struck[kind] >= 1, str(played)
    assert not played.wrong, str(played)


@pytest.mark.parametrize("kind", [each for each in (*NETWORK, *NO_ANSWER) if each not in KINDS])
def test_tiny_s_faults_strike_too(chaos: Worlds, kind: str) -> None:
    schedule = of(TINY, Business("create", 1), Business("value", 2), Run("tiny-os", (Fault(kind, 6),)))
    played = play(chaos, schedule)
    assert played.struck[kind] >= 1, str(played)
    assert not played.wrong, str(played)


def test_a_killed_process_leaves_nothing_that_the_next_run_does_not_mend(chaos: Worlds) -> None:
    for number in range(3):
        run = Run("carteira", (Fault("crash_after_commit", number),), killed=True)
        played = play(chaos, of(SALES, Business("sell", number), run))
        assert any("SIGKILL" in line for line in played.told), str(played)
        assert not played.wrong, str(played)


PLANTED = {
    "uma linha sumiu": (SALES, "DELETE FROM carteira_principal WHERE id = (SELECT min(id) FROM carteira_principal)"),
    "um valor mudou": (SALES, "UPDATE faturamento_produtos SET qtd_produto_faturado = 1234"),
    "uma pessoa perdeu o que digitou": (SALES, "UPDATE carteira_principal SET protocolo = 'de outro'"),
    "um histórico dobrou": (
        PURCHASES,
        "CREATE TEMP TABLE x AS SELECT * FROM historico_pedido_compras ORDER BY id DESC LIMIT 1; "
        "UPDATE x SET id = id + 1000000; "
        "INSERT INTO historico_pedido_compras OVERRIDING SYSTEM VALUE SELECT * FROM x; DROP TABLE x",
    ),
    "um recebimento sumiu": (
        PURCHASES,
        "DELETE FROM movimentacao_estoque WHERE id = "
        "(SELECT min(id) FROM movimentacao_estoque WHERE odoo_move_id IS NOT NULL)",
    ),
    "um documento não sabe das suas linhas": (SALES, "UPDATE sync_documento SET registros = '{}'"),
    "a quarentena não diz a causa": (SALES, "UPDATE import_failures SET erro = ''"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_lost_or_touched_is_told(chaos: Worlds, planted: str) -> None:
    domain, statement = PLANTED[planted]
    schedule = of(domain, Business("uncode", 5), *(Person(number) for number in range(8)))
    world: World = chaos.of(schedule)
    world.begin(schedule)
    with world.peace():
        assert [*world.wrongs()] == []
        world.fetch("UPDATE carteira_principal SET protocolo = 'AG-1' RETURNING id")
        for number in world.fetch("SELECT id FROM carteira_principal"):
            world.typed["carteira_principal", number[0], "protocolo"] = "AG-1"
        world.do(statement)
        assert [*world.wrongs()] != []
