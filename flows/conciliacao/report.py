"""The report of a reconciliation: the artifact `conciliacao`, and what `log_integracao` keeps of it. Pure but for one.

People read it: it is in Portuguese.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
from prefect.artifacts import create_markdown_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from blocks.instalacao import own
from flows.conciliacao.content import by_document
from flows.conciliacao.drawing import picture
from flows.conciliacao.found import Found
from flows.conciliacao.months import Cell, Cells, Month, added, rounded
from flows.run.agreement import agreed

KEY = "conciliacao"
SHOWN = 100
"""Documents of an entity that the artifact shows; the spreadsheet shows all."""

UNDATED = "sem data"


def publish(found: Sequence[Found], headline: str) -> None:
    """Show the report in the UI; if that fails, a warning is logged and the run goes on."""
    try:
        create_markdown_artifact(key=own(KEY), markdown=markdown(found), description=headline)
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("⚠️ O artefato %s não foi gravado no Prefect: %s", KEY, error)


def headline(found: Sequence[Found], *, dry_run: bool) -> str:
    """The run in one sentence."""
    documents = sum(len(each.compared.causes) for each in found)
    months = sum(len(each.compared.theirs) for each in found)
    still = sum(len(each.still) for each in found)
    if not documents and not months:
        return f"{agreed(len(found), 'entidades conferem')} com a origem"
    read = agreed(documents, "documentos relidos")
    if dry_run:
        read = f"{agreed(documents, 'documentos')} a reler (simulação: nada foi gravado)"
    told = f"{agreed(months, 'meses diferiam')}, {read}"
    return f"{told}; {agreed(still, 'meses ainda diferem')}" if still and not dry_run else told


def markdown(found: Sequence[Found]) -> str:
    """The artifact: the picture, a line per entity, the months that differ, the documents with their columns."""
    svg = base64.b64encode(picture(found).encode()).decode()
    return "\n".join(
        [
            f"![Meses de cada entidade](data:image/svg+xml;base64,{svg})",
            "",
            "| entidade | meses | diferem | documentos | ainda diferem | chamadas | |",
            "|---|---|---|---|---|---|---|",
            *(_line(each) for each in found),
            *(line for each in found for line in _differences(each)),
        ]
    )


def _line(each: Found) -> str:
    said = each.skipped or ("✅ confere" if each.agreed else "❌ difere" if each.still else "🔧 reparada")
    left = f"; {agreed(each.left, 'documentos ficam')} para a próxima" if each.left else ""
    numbers = (
        *(len(each.compared.months), len(each.compared.theirs), len(each.compared.causes), len(each.still), each.calls),
    )
    return f"| {each.title} | {' | '.join(map(str, numbers))} | {said}{left} |"


def _differences(each: Found) -> Iterator[str]:
    if each.agreed or each.skipped:
        return
    yield f"\n## {each.title}\n"
    if each.compared.theirs:
        yield f"| mês | {' | '.join(each.cuts)} | | documentos | linhas | {' | '.join(each.measures)} |"
        yield "|" + "---|" * (4 + len(each.cuts) + len(each.measures))
        for month, theirs in each.compared.theirs.items():
            yield from _month(each, month, theirs)
    if each.compared.causes:
        yield "\n| documento | por quê | o que diferia |\n|---|---|---|"
        for number, cause, columns in documents(each)[:SHOWN]:
            yield f"| {number} | {cause} | {columns} |"
        if len(each.compared.causes) > SHOWN:
            yield f"\n… e mais {len(each.compared.causes) - SHOWN}: rode com `--excel` para vê-los todos."


def _month(each: Found, month: Month | None, theirs: Cells) -> Iterator[str]:
    ours, other = rounded(each.compared.ours.get(month, {})), rounded(theirs)
    for key in sorted({*ours, *other}):
        if ours.get(key) != other.get(key):
            for side, cell in (("origem", other.get(key)), ("aqui", ours.get(key))):
                yield f"| {month or UNDATED} | {' | '.join([*key, side, *_numbers(each, cell)])} |"


def _numbers(each: Found, cell: Cell | None) -> list[str]:
    if cell is None:
        return ["0"] * (2 + len(each.measures))
    return [str(cell.documents), str(cell.lines), *(f"{value:.2f}" for value in cell.sums)]


def documents(each: Found) -> list[tuple[str, str, str]]:
    """Number, cause and what differed of each document, those with a known column first."""
    columns = by_document(each.repaired.changes)
    gone, hidden = set(each.repaired.gone), set(each.repaired.hidden)

    def what(document: int) -> str:
        if document in gone:
            return "não existe mais na origem: retirado"
        if document in hidden:
            return "oculto na origem: fica como está"
        return ", ".join(columns.get(document, ()))

    rows = [
        (each.repaired.numbers.get(document, f"id {document}"), cause, what(document))
        for document, cause in each.compared.causes.items()
    ]
    return sorted(rows, key=lambda row: (not row[2], row[0]))


def noted(found: Sequence[Found]) -> dict[str, Any]:
    """What `log_integracao.detalhes` keeps under `conciliacao`, by entity."""
    return {each.name: _noted(each) for each in found}


def _noted(each: Found) -> dict[str, Any]:
    whole = added(each.compared.ours.values())
    return {
        "pulada": each.skipped,
        "chamadas": each.calls,
        "meses": len(each.compared.months),
        "linhas": sum(cell.lines for cell in whole.values()),
        "meses_que_diferiam": [str(month or UNDATED) for month in each.compared.theirs],
        "meses_que_diferem": [str(month or UNDATED) for month in each.still],
        "documentos": [
            {"documento": number, "causa": cause, "colunas": columns}
            for number, cause, columns in documents(each)[:SHOWN]
        ],
        "causas": dict(Counter(each.compared.causes.values())),
        "adiados": each.left,
    }
