"""Service orders: people change them in Tiny, where no list shows all of it, and delete one while it is being read."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from demo.processes import DemoError
from demo.tiny import TinyProcess

OPEN = ("0", "1", "2", "5", "6")
LONG_AGO = timedelta(days=3 * 365 + 1)
RECENT = timedelta(days=25)
UNREADABLE = "a combinar"

Order = dict[str, Any]
Say = Callable[[str], None]


def people_mistype(tiny: TinyProcess, say: Say) -> int:
    """A person types words where an amount belongs, in an order that is as old as half of the others.

    Returns:
        The order's id.
    """
    orders = _orders(tiny)
    wrong = orders[len(orders) // 2]
    tiny.control("change", id=wrong["id"], totalPecas=UNREADABLE)
    say(f"no Tiny, ordem {wrong['id']}: alguém escreve {UNREADABLE!r} no total das peças")
    return int(wrong["id"])


def people_mend(tiny: TinyProcess, engine: Engine, say: Say, wrong: int) -> None:
    """The amount is typed as one, which no list shows, and a person asks for the next attempt at once.

    Raises:
        DemoError: the order does not wait for any.
    """
    tiny.control("change", id=wrong, totalPecas="120.00")
    with engine.begin() as connection:
        asked = connection.execute(
            text(
                "UPDATE import_failures SET proxima_tentativa = now()"
                " WHERE entidade = 'tiny_os' AND documento_id = :wrong AND status = 'pendente'"
            ),
            {"wrong": wrong},
        )
    if asked.rowcount != 1:
        raise DemoError(f"Tiny's order {wrong} should wait in import_failures, and does not")
    say(f"no Tiny, ordem {wrong}: o total das peças agora é um valor; uma pessoa pede outra tentativa já")


def people_change(tiny: TinyProcess, say: Say) -> Mapping[int, Order]:
    """Statuses, values, markers, new orders, deletions: some where the lists of a sync show them, some where not.

    Returns:
        As they were before, the orders of which no sync can know that they changed: one issued three years ago whose
        status is another one now, and one that is gone.
    """
    orders, today = _orders(tiny), datetime.now(ZoneInfo("America/Sao_Paulo")).date()
    recent, opened = _first(
        [each for each in reversed(orders) if each["situacao"] in OPEN],
        lambda each: _issued(each) >= today - RECENT,
        "an open order of the last days",
    )
    _change(tiny, say, recent, "finalizada", situacao="3")
    moved, opened = _first(opened, lambda each: each["situacao"] != "6", "a second open order")
    _change(tiny, say, moved, "em andamento", situacao="6")
    valued, _ = _first(opened, lambda each: "retorno" not in each["marcadores"], "a third open order")
    values = {"marcadores": [*valued["marcadores"], "retorno"], "totalServicos": "999.90", "desconto": "15%"}
    _change(tiny, say, valued, "outro valor, 15% de desconto e mais um marcador", **values)
    _change(tiny, say, _read_first(orders), "outro equipamento, o que nenhuma lista mostra", equipamento="Torno CNC")
    new, gone, last = (tiny.control("create")["id"] for _ in range(3))
    tiny.control("after", path=f"/ordem-servico/{last}", verb="delete", body={"id": gone})
    say(f"no Tiny, ordens {new}, {gone} e {last}: novas; a segunda será excluída depois de listada e antes de lida")
    *_, deleted, old = [each for each in orders if _issued(each) <= today - LONG_AGO]
    _change(tiny, say, old, "emitida há três anos, mudou de situação", situacao="7" if old["situacao"] != "7" else "3")
    tiny.control("delete", id=deleted["id"])
    say(f"no Tiny, ordem {deleted['id']}, emitida há mais de três anos: excluída")
    return {each["id"]: each for each in (old, deleted)}


def _orders(tiny: TinyProcess) -> list[Order]:
    """All orders, the oldest first."""
    orders: list[Order] = tiny.control("orders")["orders"]
    return orders


def _read_first(orders: list[Order]) -> Order:
    """The order that tiny-carga read first, so that it is revisited first: the newest one of the oldest month."""
    month = orders[0]["data"][: len("2026-11")]
    return max((each for each in orders if each["data"].startswith(month)), key=lambda each: int(each["id"]))


def _issued(order: Order) -> date:
    return date.fromisoformat(order["data"])


def _first(orders: list[Order], fits: Callable[[Order], bool], what: str) -> tuple[Order, list[Order]]:
    """The first order that fits, and the others."""
    for order in orders:
        if fits(order):
            return order, [each for each in orders if each is not order]
    raise DemoError(f"The simulated Tiny has not {what}")


def _change(tiny: TinyProcess, say: Say, order: Order, said: str, **values: Any) -> None:
    tiny.control("change", id=order["id"], **values)
    say(f"no Tiny, ordem {order['id']}: {said}")
