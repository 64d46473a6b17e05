"""Requests, orders, allocations and receipts as Odoo's declarations give them, with what the database knows of them."""

from typing import Any

from blocks.odoo import Record
from flows.settings import Settings
from flows.sync.context import Context

UNITS: Record = {"id": 1, "nome": "Unidade", "fator": 1.0, "categoria": 1, "caminho": None}
DOZENS: Record = {"id": 2, "nome": "Dúzia", "fator": 12.0, "categoria": 1, "caminho": None}
KILOS: Record = {"id": 12, "nome": "kg", "fator": 1.0, "categoria": 2, "caminho": None}
TONS: Record = {"id": 14, "nome": "t", "fator": 1000.0, "categoria": 2, "caminho": None}


def made(given: Record, changes: Record) -> Record:
    assert changes.keys() <= given.keys(), changes.keys() - given.keys()
    return given | changes


def context(settings: Settings | None = None, **changes: Any) -> Context:
    """What the database knows: request line 71 as row 701, product P1 as purchased."""
    return Context(
        settings or Settings(), made({"requisicoes": {71: 701}, "comprados": {"P1": True, "P2": False}}, changes)
    )


def product(codigo: str | None = "P1", **changes: Any) -> Record:
    given = {
        "id": 7,
        "codigo": codigo,
        "nome": f"Produto {codigo}",
        "tipo": "product",
        "estocavel": None,
        "unidade": UNITS,
    }
    return made(given, changes)


def supplier(cnpj: str | None = "11222333000181", **changes: Any) -> Record:
    given = {
        "id": 50,
        "nome": "Oliveiras",
        "razao_social": "OLIVEIRAS LTDA",
        "cnpj": cnpj,
        "cpf": None,
        "escrita": "2026-11-01 10:00:00",
    }
    return made(given, changes)


def request_line(codigo: str | None = "P1", **changes: Any) -> Record:
    given = {
        "id": 71,
        "produto": product(codigo),
        "quantidade": 10.0,
        "unidade": UNITS,
        "necessidade": "2026-12-01",
        "compra": "purchase",
        "cancelada": False,
        "escrita": "2026-11-20 11:00:00",
    }
    return made(given, changes)


def request(*lines: Record, **changes: Any) -> Record:
    given = {
        "id": 7,
        "modelo": "purchase.request",
        "numero": "REQ/FB/00007",
        "situacao": "approved",
        "empresa": "NACOM GOYA - FB",
        "criacao": "2026-11-18 12:00:00",
        "solicitante": "Ana",
        "solicitada": "2026-11-19",
        "necessidade": None,
        "tipo": None,
        "observacao": "<p>Para a <b>linha 2</b></p>",
        "escrita": "2026-11-20 10:00:00",
        "linhas": list(lines or (request_line(),)),
    }
    return made(given, changes)


def order_line(codigo: str | None = "P1", **changes: Any) -> Record:
    given = {
        "id": 81,
        "produto": product(codigo),
        "quantidade": 10.0,
        "unidade": UNITS,
        "recebida": 4.0,
        "preco": 3.3333,
        "desconto": 10.0,
        "subtotal": 30.0,
        "previsao": "2026-12-02 02:30:00",
        "icms": 1.8,
        "pis": None,
        "cofins": None,
        "escrita": "2026-11-20 11:00:00",
    }
    return made(given, changes)


def order(*lines: Record, **changes: Any) -> Record:
    given = {
        "id": 8,
        "numero": "C2500008",
        "situacao": "purchase",
        "bloqueado": None,
        "tipo": "compra",
        "empresa": {"id": 1, "nome": "NACOM GOYA - FB", "moeda": "BRL"},
        "moeda": "BRL",
        "cambio": 1.0,
        "fornecedor": supplier(),
        "pedido_em": "2026-11-19 12:00:00",
        "comprador": "Bia",
        "acordo": None,
        "escrita": "2026-11-20 10:00:00",
        "linhas": list(lines or (order_line(),)),
    }
    return made(given, changes)


def ordered_line(**changes: Any) -> Record:
    """An order line as allocations know it; the changes are the order's."""
    given = {
        "id": 8,
        "numero": "C2500008",
        "situacao": "purchase",
        "bloqueado": None,
        "escrita": "2026-11-20 11:30:00",
    }
    return {"id": 81, "pedido": made(given, changes)}


def allocation(**changes: Any) -> Record:
    given = {
        "id": 9,
        "linha_requisicao": {
            "id": 71,
            "requisicao": {"id": 7, "numero": "REQ/FB/00007"},
            "produto": product(),
            "escrita": "2026-11-20 11:00:00",
        },
        "linha_pedido": ordered_line(),
        "movimento": {"id": 91, "linha_pedido": ordered_line()},
        "empresa": "NACOM GOYA - FB",
        "requisitada": 10.0,
        "alocada": 4.0,
        "aberta": 6.0,
        "criacao": "2026-11-20 09:00:00",
        "escrita": "2026-11-20 10:00:00",
    }
    return made(given, changes)


def returned(quantity: float, **changes: Any) -> Record:
    given = {
        "id": 95,
        "situacao": "done",
        "quantidade": quantity,
        "unidade": UNITS,
        "escrita": "2026-11-21 09:00:00",
    }
    return made(given, changes)


def move(codigo: str | None = "P1", *returns: Record, **changes: Any) -> Record:
    given = {
        "id": 91,
        "situacao": "done",
        "quantidade": 4.0,
        "unidade": UNITS,
        "escrita": "2026-11-20 11:00:00",
        "produto": product(codigo),
        "linha_pedido": 81,
        "devolucoes": list(returns),
    }
    return made(given, changes)


def receipt(*moves: Record, **changes: Any) -> Record:
    given = {
        "id": 90,
        "numero": "FB/IN/00090",
        "situacao": "done",
        "origem": "C2500008",
        "local_origem": {"id": 4, "uso": "supplier"},
        "fornecedor": supplier(),
        "concluido_em": "2026-11-20 12:00:00",
        "escrita": "2026-11-20 12:00:00",
        "linhas": list(moves or (move(),)),
    }
    return made(given, changes)
