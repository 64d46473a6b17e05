"""From Tiny's details to rows. Pure; what cannot be read raises ValueError with the value in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blocks.tiny import Record, day, discount, flag, identifier, moment, number, person_type, status, text
from flows.tiny_os.itens import Item, listed_id

Row = dict[str, Any]

_TOGETHER = {"desconto": ("desconto_valor", "desconto_percentual")}
"""Columns that one value of Tiny's fills: none of them outlives it."""


@dataclass(frozen=True)
class Ordem:
    """The rows of one order; those of other tables by their own ids."""

    linha: Row
    contatos: tuple[Row, ...]
    enderecos: tuple[Row, ...]
    categorias: tuple[Row, ...]
    formas: tuple[Row, ...]


def order(detail: Record, item: Item | None) -> Ordem:
    """The rows of an order, of its detail and, if it was listed, its line there, which alone tells the markers.

    Raises:
        ValueError: a value that cannot be read.
    """
    customer = _part(detail, "contato") or (_part(item.bruto, "cliente") if item else None)
    vendor = _part(detail, "vendedor")
    category = _part(detail, "categoria")
    payment = _part(detail, "formaRecebimento") or _part(detail, "formaPagamento")
    described = [each for each in (customer, _vendor(vendor)) if each]
    row = {
        "id": listed_id(detail),
        "situacao": status(detail.get("situacao")),
        **_told_by(detail),
        "id_contato": _id(customer),
        "id_vendedor": _id(vendor),
        "id_categoria_os": _id(category),
        "id_forma_pagamento": _id(payment) or identifier(detail.get("idForma")),
        "id_conta_contabil": identifier(detail.get("idContaContabil")),
        "id_lista_preco": identifier(detail.get("idListaPreco")),
        "id_deposito": identifier(detail.get("idDeposito")),
        "marcadores": item.marcadores if item else None,
        "hash_lista": item.hash if item else None,
        "dados_api": json.dumps(detail, ensure_ascii=False),
        "excluido_em": None,
    }
    return Ordem(
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
        "total_servicos": number(detail.get("totalServicos")),
        "total_pecas": number(detail.get("totalPecas")),
        "total_ordem_servico": number(detail.get("totalOrdemServico")),
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
        "alq_comissao": number(detail.get("alqComissao")),
        "vlr_comissao": number(detail.get("vlrComissao")),
        "tecnico": text(detail.get("tecnico")),
        "id_local_prestacao": text(detail.get("idLocalPrestacao")),
    }


def filled(row: Row, known: Mapping[str, Any]) -> Row:
    """The row with known values where it is empty: an empty answer overwrites nothing."""
    settled = {other for name, others in _TOGETHER.items() if row.get(name) is not None for other in others}
    return {
        name: known[name] if value is None and name in known and name not in settled else value
        for name, value in row.items()
    }


def _contact(told: Record) -> Row:
    return {
        "id": identifier(told.get("id")),
        "nome": text(told.get("nome")),
        "codigo": text(told.get("codigo")),
        "fantasia": text(told.get("fantasia")),
        "tipo_pessoa": person_type(told.get("tipoPessoa")),
        "cpf_cnpj": text(told.get("cpfCnpj")),
        "inscricao_estadual": text(told.get("inscricaoEstadual")),
        "rg": text(told.get("rg")),
        "telefone": text(told.get("telefone")),
        "celular": text(told.get("celular")),
        "email": text(told.get("email")),
    }


def _address(told: Record) -> Row:
    place = _part(told, "endereco") or {}
    names = ("endereco", "numero", "complemento", "bairro", "municipio", "cep", "uf", "pais")
    return {"id_contato": identifier(told.get("id")), **{name: text(place.get(name)) for name in names}}


def _vendor(vendor: Record | None) -> Record | None:
    """What is told of a vendor: in `contato`, in the vendor itself, or nothing but an id."""
    if vendor is None:
        return None
    within = _part(vendor, "contato")
    return {**within, "id": within.get("id") or vendor.get("id")} if within else vendor


def _id(told: Record | None) -> int | None:
    return identifier(told.get("id")) if told else None


def _named(told: Record | None, column: str) -> tuple[Row, ...]:
    found = _id(told)
    name = text(told.get(column)) if told else None
    return ({"id": found, column: name},) if found and name else ()


def _says_more(row: Row) -> bool:
    """Whether a row has its key, which comes first, and anything besides."""
    key, *others = row.values()
    return key is not None and any(value is not None for value in others)


def _part(record: Record, name: str) -> Record | None:
    found = record.get(name)
    if found is None or found in ("", []):
        return None
    if not isinstance(found, dict):
        raise ValueError(f"{name} do Tiny inválido: {found!r} (esperado um objeto)")
    return found
