"""The bare SQL of the measurements: the best way of writing, by hand, for exactly these columns and nothing else.

COPY text into a temporary table, ANALYZE, LEFT JOIN to keep the unchanged away, ON CONFLICT as the fence.
"""

import io
from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a function's name

from bench.rows import COLUMNS, KEY, Row

_NULL: Final = "\\N"
_NAMES: Final = ", ".join(column.name for column in COLUMNS)
_OTHERS: Final = [column.name for column in COLUMNS if column.name != KEY]

_MERGE: Final = f"""
    WITH written AS (
        INSERT INTO bare AS t ({_NAMES})
        SELECT {", ".join(f"s.{column.name}" for column in COLUMNS)}
        FROM bare_stage s LEFT JOIN bare t ON t.{KEY} = s.{KEY}
        WHERE t.{KEY} IS NULL
           OR ROW({", ".join(f"s.{name}" for name in _OTHERS)})
              IS DISTINCT FROM ROW({", ".join(f"t.{name}" for name in _OTHERS)})
        ON CONFLICT ({KEY}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _OTHERS)}
        RETURNING (xmax = 0) AS novo
    )
    SELECT count(*) FILTER (WHERE novo), count(*) FILTER (WHERE NOT novo) FROM written
"""


def write(connection: Connection, rows: list[Row]) -> tuple[int, int]:
    """Bring the table `bare` in step with the rows in one transaction; how many were inserted and updated."""
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bare_stage ON COMMIT DROP AS SELECT {_NAMES} FROM bare WITH NO DATA")
        cursor.copy_expert(f"COPY bare_stage ({_NAMES}) FROM STDIN", io.StringIO("".join(map(_line, rows))))
        cursor.execute("ANALYZE bare_stage")
        cursor.execute(_MERGE)
        inserted, updated = cursor.fetchone() or (0, 0)
    return inserted, updated


def _line(row: Row) -> str:
    due = row["entrega_em"]
    return (
        f"{row['id']}\t{row['empresa']}\t{row['pedido_id']}\t{_text(row['num_pedido'])}\t{_text(row['cod_produto'])}\t"
        f"{_text(row['nome_produto'])}\t{_text(row['unidade'])}\t{_text(row['categoria'])}\t{_text(row['cnpj_cpf'])}\t"
        f"{_text(row['raz_social'])}\t{_text(row['municipio'])}\t{_text(row['estado'])}\t{_text(row['vendedor'])}\t"
        f"{_text(row['equipe'])}\t{_text(row['condicao'])}\t{_text(row['observacao'])}\t{_text(row['etiquetas'])}\t"
        f"{row['quantidade']}\t{row['cancelada']}\t{row['preco']}\t{row['pedido_em']}\t"
        f"{_NULL if due is None else due}\t{row['ativo']}\t{row['importante']}\t{row['escrita']}\n"
    )


def _text(value: str | None) -> str:
    if value is None:
        return _NULL
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value
