"""From Tiny's details to rows (docs/tiny.md, "The detail" and "Values"). Pure.

A value that cannot be read raises ValueError with the value in its message.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blocks.tiny import Record, values
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
        "situacao": values.status(detail.get("situacao")),
        **_own_values(detail),
        "id_contato": _id(customer),
        "id_vendedor": _id(vendor),
        "id_categoria_os": _id(category),
        "id_forma_pagamento": _id(payment) or values.identifier(detail.get("idForma")),
        "id_conta_contabil": values.identifier(detail.get("idContaContabil")),
        "id_lista_preco": values.identifier(detail.get("idListaPreco")),
        "id_deposito": values.identifier(detail.get("idDeposito")),
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


def _own_values(detail: Record) -> Row:
    """The columns whose values stand in the detail itself, outside of its objects."""
    reduced = values.discount(detail.get("desconto"))
    return {
        **_texts(
            detail,
            numero_ordem_servico="numeroOrdemServico",
            equipamento="equipamento",
            equipamento_serie="equipamentoSerie",
            descricao_problema="descricaoProblema",
            observacoes="observacoes",
            observacoes_servico="observacoesServico",
            observacoes_internas="observacoesInternas",
            tecnico="tecnico",
            id_local_prestacao="idLocalPrestacao",
        ),
        "data_emissao": values.day(detail.get("data")),
        "data_prevista": values.moment(detail.get("dataPrevista")),
        "data_conclusao": values.day(detail.get("dataConclusao")),
        "total_servicos": values.decimal_of(detail.get("totalServicos")),
        "total_pecas": values.decimal_of(detail.get("totalPecas")),
        "total_ordem_servico": values.decimal_of(detail.get("totalOrdemServico")),
        "desconto": reduced.text if reduced else None,
        "desconto_valor": reduced.amount if reduced else None,
        "desconto_percentual": reduced.percent if reduced else None,
        "orcar": values.flag(detail.get("orcar")),
        "orcado": values.flag(detail.get("orcado")),
        "alq_comissao": values.decimal_of(detail.get("alqComissao")),
        "vlr_comissao": values.decimal_of(detail.get("vlrComissao")),
    }


def _texts(record: Record, **names: str) -> Row:
    """Columns that are texts of a record, each with the name that Tiny gives it."""
    return {column: values.text(record.get(name)) for column, name in names.items()}


def filled(row: Row, known: Mapping[str, Any]) -> Row:
    """The row with the stored (`known`) values in its empty columns: an empty answer of Tiny overwrites nothing."""
    settled = {other for name, others in _TOGETHER.items() if row.get(name) is not None for other in others}
    return {
        name: known[name] if value is None and name in known and name not in settled else value
        for name, value in row.items()
    }


def _contact(person: Record) -> Row:
    return {
        "id": values.identifier(person.get("id")),
        "tipo_pessoa": values.person_type(person.get("tipoPessoa")),
        **_texts(person, nome="nome", codigo="codigo", fantasia="fantasia", cpf_cnpj="cpfCnpj", rg="rg"),
        **_texts(person, inscricao_estadual="inscricaoEstadual"),
        **_texts(person, telefone="telefone", celular="celular", email="email"),
    }


def _address(person: Record) -> Row:
    place = _part(person, "endereco") or {}
    names = ("endereco", "numero", "complemento", "bairro", "municipio", "cep", "uf", "pais")
    return {"id_contato": values.identifier(person.get("id")), **{name: values.text(place.get(name)) for name in names}}


def _vendor(vendor: Record | None) -> Record | None:
    """The vendor as a person: its `contato` with the vendor's id, or the vendor itself where it has none."""
    if vendor is None:
        return None
    within = _part(vendor, "contato")
    return {**within, "id": within.get("id") or vendor.get("id")} if within else vendor


def _id(record: Record | None) -> int | None:
    return values.identifier(record.get("id")) if record else None


def _named(record: Record | None, column: str) -> tuple[Row, ...]:
    """The row of a category or payment method, whose name is in `column`; none if its id or name is missing."""
    found = _id(record)
    name = values.text(record.get(column)) if record else None
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
