"""Service orders: every order, contact and marker of the account, the statuses seen, what waits, what is gone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from demo.check.company import Row
from demo.check.comparison import NEVER, decimal, rows, table
from demo.tiny import TinyProcess

JOBS: Final = ("tiny-os", "tiny-integridade", "tiny-falhas", "tiny-carga", "tiny-token")
"""All of them keep the same tables, so each answers for whatever differs in any."""
FINISHED: Final = 3
_HERE: Final = ZoneInfo("America/Sao_Paulo")
_TOTALS: Final = ("totalServicos", "totalPecas", "totalOrdemServico")
_TEXTS: Final = {
    "numero_ordem_servico": "numeroOrdemServico",
    "equipamento": "equipamento",
    "equipamento_serie": "equipamentoSerie",
    "descricao_problema": "descricaoProblema",
    "observacoes": "observacoes",
    "observacoes_servico": "observacoesServico",
    "observacoes_internas": "observacoesInternas",
    "tecnico": "tecnico",
    "id_local_prestacao": "idLocalPrestacao",
}
_IDS: Final = {
    "id_contato": "idContato",
    "id_conta_contabil": "idContaContabil",
    "id_lista_preco": "idListaPreco",
    "id_deposito": "idDeposito",
}
_CONTACT: Final = {
    "nome": "nome",
    "codigo": "codigo",
    "fantasia": "fantasia",
    "cpf_cnpj": "cpfCnpj",
    "inscricao_estadual": "inscricaoEstadual",
    "rg": "rg",
    "telefone": "telefone",
    "celular": "celular",
    "email": "email",
}
_ADDRESS: Final = ("endereco", "numero", "complemento", "bairro", "municipio", "cep", "uf", "pais")
_ORDERS: Final = """
SELECT o.*, o.excluido_em IS NOT NULL AS excluida, o.verificado_em IS NOT NULL AS verificada,
       array(SELECT m.descricao::text FROM tiny.ordem_servico_marcadores l
             JOIN tiny.marcadores m ON m.id = l.id_marcador
             WHERE l.id_os = o.id ORDER BY m.descricao COLLATE "C") AS ligados
FROM tiny.ordens_servico o
"""


@dataclass(frozen=True)
class Account:
    """What the account holds, as a person sees it: orders and contacts by id."""

    orders: Mapping[int, Row]
    contacts: Mapping[int, Row]

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
    return Account(*({each["id"]: each for each in told} for told in (orders, contacts)))


def disagreements(connection: Connection, account: Account) -> dict[str, list[str]]:
    """What differs, by job."""
    stored = table(connection, _ORDERS, "id")
    good = {number: order for number, order in account.orders.items() if _is_good(order)}
    named = {row["id_contato"] for row in stored.values()} | {order["idContato"] for order in good.values()}
    contacts = {number: account.contacts[number] for number in named & account.contacts.keys()}
    history = _history(connection)
    lines = [
        *rows("ordem", {number: _order(order) for number, order in good.items()}, stored, ("excluida", True)),
        *_raw(good, stored),
        *_described(connection, contacts, good.values()),
        *_chains(stored, history),
        *_finished(connection, stored, history),
        *_aside(connection, account.orders.keys() - good.keys()),
        *_months(connection, account),
        *_tokens(connection),
    ]
    return dict.fromkeys(JOBS, lines)


def _is_good(order: Row) -> bool:
    """Whether its totals are numbers; of other mistakes the simulated account has none."""
    try:
        return all(Decimal(order[name]).is_finite() for name in _TOTALS)
    except InvalidOperation:
        return False


def _order(order: Row) -> Row:
    discount = str(order["desconto"])
    percent = decimal(Decimal(discount[:-1]), "0.0001") if discount.endswith("%") else None
    payment, category = order["formaRecebimento"] or {}, order["categoria"] or {}
    return {
        **{column: order[name] or None for column, name in {**_TEXTS, **_IDS}.items()},
        "situacao": int(order["situacao"][0]),
        "data_emissao": date.fromisoformat(order["data"]),
        "data_prevista": _moment(order["dataPrevista"]),
        "data_conclusao": date.fromisoformat(order["dataConclusao"]) if order["dataConclusao"] else None,
        "total_servicos": Decimal(order["totalServicos"]),
        "total_pecas": Decimal(order["totalPecas"]),
        "total_ordem_servico": Decimal(order["totalOrdemServico"]),
        "desconto": discount,
        "desconto_percentual": percent,
        "desconto_valor": None if percent is not None else Decimal(discount.replace(",", ".")),
        "orcar": order["orcar"],
        "orcado": order["orcado"],
        "alq_comissao": Decimal(order["alqComissao"]),
        "vlr_comissao": Decimal(order["vlrComissao"]),
        "id_vendedor": None,
        "id_categoria_os": category.get("id"),
        "id_forma_pagamento": payment.get("id") or order["idForma"] or None,
        "marcadores": sorted(order["marcadores"]),
        "ligados": sorted(order["marcadores"]),
        "excluida": False,
        "verificada": True,
    }


def _moment(written: str) -> datetime | None:
    """A time in São Paulo, or one of the two ways to say that there is none."""
    if not written or written.startswith("0000"):
        return None
    return datetime.fromisoformat(written).replace(tzinfo=_HERE).astimezone(UTC)


def _raw(good: Mapping[int, Row], stored: Mapping[int, Row]) -> Iterator[str]:
    for number in good.keys() & stored.keys():
        answer = stored[number]["dados_api"] or {}
        wrong = [name for name in ("id", "data", "desconto", *_TOTALS) if answer.get(name) != good[number][name]]
        if wrong:
            yield f"ordem {number}: dados_api difere da resposta em {', '.join(wrong)}"


def _described(connection: Connection, contacts: Mapping[int, Row], orders: Iterable[Row]) -> Iterator[str]:
    """What orders name besides themselves."""
    people, places = {}, {}
    for number, contact in contacts.items():
        told = {column: contact[name] or None for column, name in _CONTACT.items()}
        people[number] = {**told, "tipo_pessoa": contact["tipoPessoa"][:1] or None}
        place = {name: (contact["endereco"] or {}).get(name) or None for name in _ADDRESS}
        if any(place.values()):
            places[number] = place
    yield from rows("contato", people, table(connection, "SELECT * FROM tiny.contatos", "id"), NEVER)
    yield from rows("endereço", places, _of_contacts(connection), ("id_contato", None))
    for what, relation, name, column in (
        ("categoria", "categorias_os", "categoria", "descricao"),
        ("forma de pagamento", "formas_pagamento", "formaRecebimento", "nome"),
    ):
        named = {order[name]["id"]: {column: order[name][column]} for order in orders if order[name]}
        yield from rows(what, named, table(connection, f"SELECT * FROM tiny.{relation}", "id"), NEVER)


def _of_contacts(connection: Connection) -> Mapping[Any, Row]:
    return table(connection, "SELECT * FROM tiny.enderecos", "id_contato")


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
            expected[number] = {"fonte": "historico", "concluida_em": first["changed_at"].astimezone(_HERE).date()}
        elif told is not None:
            expected[number] = {"fonte": "tiny", "concluida_em": told}
        elif first is not None:
            day = first["changed_at"].astimezone(_HERE).date()
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
    done, now = set(connection.execute(text(query)).scalars()), f"{datetime.now(_HERE):%Y-%m}"
    issued = {order["data"][:7] for order in account.orders.values()}
    yield from (f"mês {month}: não consta como carregado" for month in sorted({*issued} - done) if month < now)
    yield from (f"mês {month}: consta como carregado antes de terminar" for month in sorted(done) if month >= now)


def _tokens(connection: Connection) -> Iterator[str]:
    refused = connection.execute(text("SELECT recusado_em FROM tiny.credenciais")).scalars().all()
    if len(refused) != 1 or refused[0] is not None:
        yield f"tokens: {len(refused)} contas, {sum(map(bool, refused))} recusadas"
    query = text("SELECT id, coalesce(resultado, 'sem resposta') FROM tiny.renovacoes")
    yield from (f"renovação {number}: {told}" for number, told in connection.execute(query) if told != "renovado")
