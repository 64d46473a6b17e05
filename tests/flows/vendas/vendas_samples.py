"""Orders and invoices as Odoo's declarations give them, and short ways to store them and to look at the tables."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, text

from blocks.odoo import Record, moment
from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.settings import Settings
from flows.sync.entity import Entity
from flows.sync.store import Batch, begin_read, retire, store
from flows.sync.window import Now
from flows.vendas.carteira import CARTEIRA
from flows.vendas.faturamento import FATURAMENTO
from schema import metadata

LATER = timedelta(days=1)
"""How long after the last change documents are read: long enough for the read to be the last word on them."""

UNITS: Record = {"id": 1, "nome": "Caixas", "fator": 1.0, "categoria": 1, "caminho": None}
DOZENS: Record = {"id": 2, "nome": "Dúzias", "fator": 12.0, "categoria": 1, "caminho": None}
KILOS: Record = {"id": 12, "nome": "kg", "fator": 1.0, "categoria": 2, "caminho": None}
COMPANIES = {number: {"id": number, "moeda_id": 5, "moeda": "BRL"} for number in (1, 2)}


def made(given: Record, changes: Record) -> Record:
    assert changes.keys() <= given.keys(), changes.keys() - given.keys()
    return given | changes


def partner(**changes: Any) -> Record:
    given = {
        "id": 50,
        "nome": "Mercado Sol",
        "razao_social": "MERCADO SOL LTDA",
        "cnpj": "12345678000195",
        "cpf": None,
        "municipio": "Campinas (SP)",
        "cidade": "Campinas",
        "uf": {"id": 1, "sigla": "SP"},
        "cep": "13010-000",
        "bairro": "Centro",
        "rua": "Rua A",
        "endereco_numero": "10",
        "telefone": "+55 19 3232-0000",
        "agendamento": False,
    }
    return made(given, changes)


def product(codigo: str | None = "P1", **changes: Any) -> Record:
    """A product; in an invoice it has a weight, in an order a category."""
    top = {"id": 1, "nome": "Conservas"}
    middle = {"id": 2, "nome": "Palmito", "acima": top}
    leaf = {"id": 3, "nome": "Vidro", "acima": middle}
    given = {
        "id": sum(map(ord, codigo or "")),
        "codigo": codigo,
        "nome": f"Produto {codigo}",
        "tipo": "consu",
        "unidade": UNITS,
        "categoria": leaf,
        "peso": 2.5,
    }
    return made(given, changes)


def order_line(codigo: str | None = "P1", quantidade: Any = 10, **changes: Any) -> Record:
    given = {
        "id": 0,
        "produto": product(codigo),
        "unidade": UNITS,
        "quantidade": quantidade,
        "cancelada": None,
        "preco": 12.5,
        "subtotal": 125,
        "adiantamento": False,
        "escrita": "2026-11-20 11:00:00",
    }
    return made(given, changes)


def order(number: int = 1, *lines: Record, **changes: Any) -> Record:
    """Sale order VSC<number>, with one line of ten P1 if no line is given."""
    given = {
        "id": number,
        "numero": f"VSC{number}",
        "tipo": "venda",
        "situacao": "sale",
        "empresa": COMPANIES[1],
        "moeda_id": 5,
        "moeda": "BRL",
        "cambio": 1.0,
        "cliente": partner(),
        "entrega": partner(),
        "vendedor": "Ana",
        "equipe": "Interior",
        "criacao": "2026-11-18 12:00:00",
        "pedido_em": "2026-11-19 12:00:00",
        "entrega_em": None,
        "pedido_cliente": "PC-1",
        "condicao": "30 dias",
        "forma": "Boleto",
        "incoterm": "[CIF] COST, INSURANCE AND FREIGHT",
        "transportadora": None,
        "observacao": None,
        "etiquetas": [],
        "escrita": "2026-11-20 10:00:00",
    }
    return {**made(given, changes), "linhas": _numbered(number * 100, lines or (order_line(),))}


def sold(pedido: str, position: int = 1) -> Record:
    """A line of order VSC<number>, by default its first."""
    number = int(pedido.removeprefix("VSC"))
    return {"id": number * 100 + position, "pedido": {"id": number, "numero": pedido}}


def invoice_line(codigo: str | None = "P1", quantidade: Any = 4, pedido: str | None = "VSC1", **changes: Any) -> Record:
    given = {
        "id": 0,
        "produto": product(codigo),
        "pedidos": [sold(pedido)] if pedido else [],
        "adiantamento": False,
        "unidade": UNITS,
        "quantidade": quantidade,
        "preco": 12.5,
        "subtotal": 50,
        "na_empresa": -50,
        "total": 50,
        "escrita": "2026-11-20 11:00:00",
    }
    return made(given, changes)


def invoice(number: int = 1, *lines: Record, **changes: Any) -> Record:
    """Posted invoice NF<number> of VSC1, with one line of four P1 if no line is given."""
    given = {
        "id": number,
        "numero": f"NF{number}",
        "tipo": "venda",
        "situacao": "posted",
        "serie": None,
        "empresa": COMPANIES[1],
        "moeda_id": 5,
        "moeda": "BRL",
        "data": "2026-11-20",
        "origem": "VSC1",
        "cliente": partner(),
        "cliente_cnpj": "12.345.678/0001-95",
        "cliente_nome": "Mercado Sol",
        "vendedor": "Ana",
        "equipe": "Interior",
        "incoterm": "[CIF] COST, INSURANCE AND FREIGHT",
        "escrita": "2026-11-20 10:00:00",
    }
    return {**made(given, changes), "linhas": _numbered(number * 100, lines or (invoice_line(),))}


def cancelled(document: Record, written: str = "2026-11-20 12:00:00") -> Record:
    return document | {"situacao": "cancel", "escrita": written}


def rewritten(document: Record, written: str, **changes: Any) -> Record:
    return document | changes | {"escrita": written}


def _numbered(base: int, lines: tuple[Record, ...]) -> list[Record]:
    return [each | {"id": base + position} for position, each in enumerate(lines, start=1)]


def version(document: Record) -> Any:
    return max(moment(each) for each in (document["escrita"], *(line["escrita"] for line in document["linhas"])))


class Vendas:
    """The sales tables of one database, written as the runs of both entities write them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settings: dict[str, Any] = {}

    def orders(self, *documents: Record) -> Counts:
        return self._store(CARTEIRA, documents)

    def invoices(self, *documents: Record) -> Counts:
        return self._store(FATURAMENTO, documents)

    def delete_orders(self, *ids: int) -> Counts:
        return retire(self._writer(), CARTEIRA, ids, begin_read(self.engine))

    def delete_invoices(self, *ids: int) -> Counts:
        return retire(self._writer(), FATURAMENTO, ids, begin_read(self.engine))

    def lot(self, lote: str | None = "L1", produto: str = "P1", qtd: float = 4, **columns: Any) -> None:
        """An item that people planned for shipment, by default a total lot of VSC1."""
        given = {"separacao_lote_id": lote, "cod_produto": produto, "qtd_saldo": qtd, "num_pedido": "VSC1"} | columns
        names = ["cod_uf", *given]
        self.do(
            f"INSERT INTO separacao ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})",
            cod_uf="SP",
            **given,
        )

    def lots(self, columns: str = "numero_nf, sincronizado_nf, status") -> dict[tuple[Any, Any], Any]:
        """Shipment items by lot and product."""
        return self.by(f"SELECT separacao_lote_id, cod_produto, {columns} FROM separacao", 2)

    def balances(self) -> dict[tuple[str, str], float]:
        query = "SELECT num_pedido, cod_produto, qtd_saldo_produto_pedido::float FROM carteira_principal"
        return self.by(query, 2)

    def movements(self, columns: str = "qtd_movimentacao::float, ativo") -> dict[tuple[str, str], Any]:
        """Stock movements by invoice and product."""
        return self.by(f"SELECT numero_nf, cod_produto, {columns} FROM movimentacao_estoque", 2)

    def invoiced(self, columns: str = "status_nf") -> dict[tuple[str, str], Any]:
        """Invoiced products by invoice and product."""
        return self.by(f"SELECT numero_nf, cod_produto, {columns} FROM faturamento_produtos", 2)

    def reports(self, columns: str = "valor_total, ativo") -> dict[tuple[int, str], Any]:
        """Consolidated invoices by company and number."""
        return self.by(f"SELECT company_id, numero_nf, {columns} FROM relatorio_faturamento_importado", 2)

    def by(self, query: str, key: int) -> dict[Any, Any]:
        """A query's rows by their first `key` columns; the rest bare if it is one column."""
        found = {each[:key]: each[key:] for each in self.fetch(query)}
        return {name: rest[0] if len(rest) == 1 else rest for name, rest in found.items()}

    def everything(self) -> dict[str, Any]:
        """Every row of every table with the transaction that wrote it: equal means that nothing was written."""
        return {name: self.fetch(f"SELECT xmin::text, t.* FROM {name} t ORDER BY 2, 3") for name in metadata.tables}

    def fetch(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(each) for each in connection.execute(text(query), parameters)]

    def do(self, statement: str, **parameters: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)

    def _store(self, entity: Entity, documents: tuple[Record, ...]) -> Counts:
        whole = [document | {"versao": version(document)} for document in documents]
        now = max(document["versao"] for document in whole) + LATER
        batch = Batch(whole, Now(now, now), begin_read(self.engine))
        return store(self._writer(), entity, batch, Settings(**self.settings))

    def _writer(self, alive: Callable[[], None] = lambda: None) -> Writer:
        return Writer(self.engine, alive, Settings(**self.settings).parameters())
