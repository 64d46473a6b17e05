"""What the tables should hold of service orders and of what these name, from the orders as a person sees them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from demo.check.company import Row
from demo.check.comparison import NEVER, decimal, rows, table

HERE: Final = ZoneInfo("America/Sao_Paulo")
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


def is_good(order: Row) -> bool:
    """Whether its totals are numbers; of other mistakes the simulated account has none."""
    try:
        return all(Decimal(order[name]).is_finite() for name in _TOTALS)
    except InvalidOperation:
        return False


def order_row(order: Row) -> Row:
    """The columns of an order, its markers and links."""
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
    return datetime.fromisoformat(written).replace(tzinfo=HERE).astimezone(UTC)


def raw(good: Mapping[int, Row], stored: Mapping[int, Row]) -> Iterator[str]:
    """Orders whose answer was not kept as it came."""
    for number in good.keys() & stored.keys():
        answer = stored[number]["dados_api"] or {}
        wrong = [name for name in ("id", "data", "desconto", *_TOTALS) if answer.get(name) != good[number][name]]
        if wrong:
            yield f"ordem {number}: dados_api difere da resposta em {', '.join(wrong)}"


def described(connection: Connection, contacts: Mapping[int, Row], orders: Iterable[Row]) -> Iterator[str]:
    """What orders name besides themselves."""
    people, places = {}, {}
    for number, contact in contacts.items():
        told = {column: contact[name] or None for column, name in _CONTACT.items()}
        people[number] = {**told, "tipo_pessoa": contact["tipoPessoa"][:1] or None}
        place = {name: (contact["endereco"] or {}).get(name) or None for name in _ADDRESS}
        if any(place.values()):
            places[number] = place
    yield from rows("contato", people, table(connection, "SELECT * FROM tiny.contatos", "id"), NEVER)
    yield from rows(
        "endereço", places, table(connection, "SELECT * FROM tiny.enderecos", "id_contato"), ("id_contato", None)
    )
    for what, relation, name, column in (
        ("categoria", "categorias_os", "categoria", "descricao"),
        ("forma de pagamento", "formas_pagamento", "formaRecebimento", "nome"),
    ):
        named = {order[name]["id"]: {column: order[name][column]} for order in orders if order[name]}
        yield from rows(what, named, table(connection, f"SELECT * FROM tiny.{relation}", "id"), NEVER)
