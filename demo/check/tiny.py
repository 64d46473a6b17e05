"""Service orders: every order, contact and marker of the account, the statuses seen, what waits, what is gone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from demo.check.company import Row
from demo.check.comparison import rows, table
from demo.check.tiny_orders import HERE, described, is_good, order_row, raw
from demo.tiny import TinyProcess

JOBS: Final = ("tiny-os", "tiny-integridade", "tiny-falhas", "tiny-carga", "tiny-token")
"""All of them keep the same tables, so each answers for whatever differs in any."""
FINISHED: Final = 3
_ORDERS: Final = """
SELECT o.*, o.excluido_em IS NOT NULL AS excluida, o.verificado_em IS NOT NULL AS verificada,
       array(SELECT m.descricao::text FROM tiny.ordem_servico_marcadores l
             JOIN tiny.marcadores m ON m.id = l.id_marcador
             WHERE l.id_os = o.id ORDER BY m.descricao COLLATE "C") AS ligados
FROM tiny.ordens_servico o
"""


@dataclass(frozen=True)
class Account:
    """What the account holds, as a person sees it: orders and contacts by id; and how late it is there."""

    orders: Mapping[int, Row]
    contacts: Mapping[int, Row]
    now: datetime

    @property
    def months(self) -> tuple[str, str]:
        """The first and the last month in which orders were issued, as 2026-11."""
        issued = sorted(order["data"][:7] for order in self.orders.values())
        return issued[0], issued[-1]

    def but_for(self, unseen: Mapping[int, Row]) -> "Account":
        """The account with some orders as they were before."""
        return replace(self, orders={**self.orders, **unseen})


def read_account(tiny: TinyProcess) -> Account:
    """All that is in the source."""
    orders, contacts = tiny.control("orders")["orders"], tiny.control("contacts")["contacts"]
    now = datetime.fromisoformat(tiny.control("clock", seconds=0)["now"])
    return Account({each["id"]: each for each in orders}, {each["id"]: each for each in contacts}, now)


def disagreements(connection: Connection, account: Account) -> dict[str, list[str]]:
    """What differs, by job."""
    stored = table(connection, _ORDERS, "id")
    good = {number: order for number, order in account.orders.items() if is_good(order)}
    named = {row["id_contato"] for row in stored.values()} | {order["idContato"] for order in good.values()}
    contacts = {number: account.contacts[number] for number in named & account.contacts.keys()}
    history = _history(connection)
    lines = [
        *rows("ordem", {number: order_row(order) for number, order in good.items()}, stored, ("excluida", True)),
        *raw(good, stored),
        *described(connection, contacts, good.values()),
        *_chains(stored, history),
        *_finished(connection, stored, history),
        *_aside(connection, account.orders.keys() - good.keys()),
        *_months(connection, account),
        *_tokens(connection),
    ]
    return dict.fromkeys(JOBS, lines)


def _history(connection: Connection) -> dict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(text("SELECT * FROM tiny.ordem_status_history ORDER BY id")).mappings():
        found[row["id_os"]].append(dict(row))
    return found


def _chains(stored: Mapping[int, Row], history: Mapping[int, list[Row]]) -> Iterator[str]:
    """Orders whose statuses do not lead, one from the other, from none to the present one."""
    for number, order in stored.items():
        seen = history.get(number, [])
        steps = [(each["status_antigo"], each["status_novo"]) for each in seen]
        expected = [None, *(new for _, new in steps)]
        if [old for old, _ in steps] != expected[:-1] or expected[-1] != order["situacao"]:
            yield f"ordem {number}: situação {order['situacao']}, histórico {steps}"
        if [each["changed_at"] for each in seen] != sorted(each["changed_at"] for each in seen):
            yield f"ordem {number}: histórico fora de ordem"


def _finished(connection: Connection, stored: Mapping[int, Row], history: Mapping[int, list[Row]]) -> Iterator[str]:
    """The days on which orders finished: seen to finish, told by Tiny, or finished before anybody looked."""
    expected: dict[int, Row] = {}
    for number, order in stored.items():
        seen = [each for each in history.get(number, []) if each["status_novo"] == FINISHED]
        first = min(seen, key=lambda each: each["changed_at"], default=None)
        told = order["data_conclusao"]
        if first is not None and first["status_antigo"] is not None:
            expected[number] = {"fonte": "historico", "concluida_em": first["changed_at"].astimezone(HERE).date()}
        elif told is not None:
            expected[number] = {"fonte": "tiny", "concluida_em": told}
        elif first is not None:
            day = first["changed_at"].astimezone(HERE).date()
            expected[number] = {"fonte": "primeira_leitura", "concluida_em": day}
    yield from rows("conclusão", expected, table(connection, "SELECT * FROM tiny.conclusoes", "id_os"), ("id_os", None))


def _aside(connection: Connection, bad: Iterable[int]) -> Iterator[str]:
    query = "SELECT documento_id FROM import_failures WHERE entidade = 'tiny_os' AND status <> 'resolvido'"
    kept, expected = set(connection.execute(text(query)).scalars()), set(bad)
    yield from (f"ordem {number}: ilegível no Tiny e não está em quarentena" for number in sorted(expected - kept))
    yield from (f"ordem {number}: em quarentena sem motivo na origem" for number in sorted(kept - expected))


def _months(connection: Connection, account: Account) -> Iterator[str]:
    """Months that the historical load has not marked as done, or marked before they were over."""
    query = "SELECT substr(entidade, 12) FROM sync_metadata WHERE entidade LIKE 'tiny\\_carga:%'"
    done, now = set(connection.execute(text(query)).scalars()), f"{account.now.astimezone(HERE):%Y-%m}"
    issued = {order["data"][:7] for order in account.orders.values()}
    yield from (f"mês {month}: não consta como carregado" for month in sorted({*issued} - done) if month < now)
    yield from (f"mês {month}: consta como carregado antes de terminar" for month in sorted(done) if month >= now)


def _tokens(connection: Connection) -> Iterator[str]:
    refused = connection.execute(text("SELECT recusado_em FROM tiny.credenciais")).scalars().all()
    if len(refused) != 1 or refused[0] is not None:
        yield f"tokens: {len(refused)} contas, {sum(map(bool, refused))} recusadas"
    query = text("SELECT id, coalesce(resultado, 'sem resposta') FROM tiny.renovacoes")
    yield from (f"renovação {number}: {told}" for number, told in connection.execute(query) if told != "renovado")
