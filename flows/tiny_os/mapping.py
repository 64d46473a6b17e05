"""From Tiny's details to rows (docs/tiny.md, "The detail" and "Values"). Pure.

A value that cannot be read raises ValueError with the value in its message.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blocks.tiny import (
    Record,
    day,
    decimal_of,
    discount,
    flag,
    identifier,
    moment,
    person_type,
    status,
    text,
)
from flows.tiny_os.listed import ListedOrder, id_of

Row = dict[str, Any]

_TOGETHER = {"desconto": ("desconto_valor", "desconto_percentual")}
"""Columns that are computed from another one: where that has a new value, they do not keep their stored ones."""


@dataclass(frozen=True)
class OrderRows:
    """The rows that one order makes: its own, and those of the tables that it refers to."""

    order: Row
    contacts: tuple[Row, ...]
    addresses: tuple[Row, ...]
    categories: tuple[Row, ...]
    payment_methods: tuple[Row, ...]


def map_order(detail: Record, listed: ListedOrder | None) -> OrderRows:
    """The rows of an order, from its detail and its line of the list; the line alone tells the markers.

    Raises:
        ValueError: a value that cannot be read.
    """
    customer = _part(detail, "contato") or (_part(listed.record, "cliente") if listed else None)
    vendor = _part(detail, "vendedor")
    category = _part(detail, "categoria")
    payment = _part(detail, "formaRecebimento") or _part(detail, "formaPagamento")
    described = [each for each in (customer, _vendor(vendor)) if each]
    row = {
        "id": id_of(detail),
        "situacao": status(detail.get("situacao")),
        **_told_by(detail),
        "id_contato": _id(customer),
        "id_vendedor": _id(vendor),
        "id_categoria_os": _id(category),
        "id_forma_pagamento": _id(payment) or identifier(detail.get("idForma")),
        "id_conta_contabil": identifier(detail.get("idContaContabil")),
        "id_lista_preco": identifier(detail.get("idListaPreco")),
        "id_deposito": identifier(detail.get("idDeposito")),
        "marcadores": listed.markers if listed else None,
        "hash_lista": listed.hash if listed else None,
        "dados_api": json.dumps(detail, ensure_ascii=False),
        "excluido_em": None,
    }
    return OrderRows(
        row,
        tuple(filter(_says_more, map(_contact, described))),
        tuple(filter(_says_more, map(_address, described))),
        _named(category, "descricao"),
        _named(payment, "nome"),
    )


def _told_by(detail: Record) -> Row:
    """The columns that are values of the detail itself, whatever else it names."""
    reduced = discount(detail.get("desconto"))
    return {
        "numero_ordem_servico": text(detail.get("numeroOrdemServico")),
        "data_emissao": day(detail.get("data")),
        "data_prevista": moment(detail.get("dataPrevista")),
        "data_conclusao": day(detail.get("dataConclusao")),
        "total_servicos": decimal_of(detail.get("totalServicos")),
        "total_pecas": decimal_of(detail.get("totalPecas")),
        "total_ordem_servico": decimal_of(detail.get("totalOrdemServico")),
        "desconto": reduced.text if reduced else None,
        "desconto_valor": reduced.amount if reduced else None,
        "desconto_percentual": reduced.percent if reduced else None,
        "equipamento": text(detail.get("equipamento")),
        "equipamento_serie": text(detail.get("equipamentoSerie")),
        "descricao_problema": text(detail.get("descricaoProblema")),
        "observacoes": text(detail.get("observacoes")),
        "observacoes_servico": text(detail.get("observacoesServico")),
        "observacoes_internas": text(detail.get("observacoesInternas")),
        "orcar": flag(detail.get("orcar")),
        "orcado": flag(detail.get("orcado")),
        "alq_comissao": decimal_of(detail.get("alqComissao")),
        "vlr_comissao": decimal_of(detail.get("vlrComissao")),
        "tecnico": text(detail.get("tecnico")),
        "id_local_prestacao": text(detail.get("idLocalPrestacao")),
    }


def filled(row: Row, known: Mapping[str, Any]) -> Row:
    """The row with the stored (`known`) values in its empty columns: an empty answer of Tiny overwrites nothing."""
    settled = {other for name, others in _TOGETHER.items() if row.get(name) is not None for other in others}
    return {
        name: known[name] if value is None and name in known and name not in settled else value
        for name, value in row.items()
    }


def _contact(person: Record) -> Row:
    return {
        "id": identifier(person.get("id")),
        "nome": text(person.get("nome")),
        "codigo": text(person.get("codigo")),
        "fantasia": text(person.get("fantasia")),
        "tipo_pessoa": person_type(person.get("tipoPessoa")),
        "cpf_cnpj": text(person.get("cpfCnpj")),
        "inscricao_estadual": text(person.get("inscricaoEstadual")),
        "rg": text(person.get("rg")),
        "telefone": text(person.get("telefone")),
        "celular": text(person.get("celular")),
        "email": text(person.get("email")),
    }


def _address(person: Record) -> Row:
    place = _part(person, "endereco") or {}
    names = ("endereco", "numero", "complemento", "bairro", "municipio", "cep", "uf", "pais")
    return {"id_contato": identifier(person.get("id")), **{name: text(place.get(name)) for name in names}}


def _vendor(vendor: Record | None) -> Record | None:
    """The vendor as a person: its `contato` with the vendor's id, or the vendor itself where it has none."""
    if vendor is None:
        return None
    within = _part(vendor, "contato")
    return {**within, "id": within.get("id") or vendor.get("id")} if within else vendor


def _id(record: Record | None) -> int | None:
    return identifier(record.get("id")) if record else None


def _named(record: Record | None, column: str) -> tuple[Row, ...]:
    """The row of a category or payment method, whose name is in `column`; none if its id or name is missing."""
    found = _id(record)
    name = text(record.get(column)) if record else None
    return ({"id": found, column: name},) if found and name else ()


def _says_more(row: Row) -> bool:
    """Whether a row has a key, which is its first column, and a value in any other column."""
    key, *others = row.values()
    return key is not None and any(value is not None for value in others)


def _part(record: Record, name: str) -> Record | None:
    """An object inside of another; None if it is missing or empty."""
    found = record.get(name)
    if found is None or found in ("", []):
        return None
    if not isinstance(found, dict):
        raise ValueError(f"{name} do Tiny inválido: {found!r} (esperado um objeto)")
    return found
