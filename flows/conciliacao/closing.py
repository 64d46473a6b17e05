"""The closing of a month: what the source adds up to, part by part, down to what we have."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pandas as pd

from flows.conciliacao.months import Cell, Cells, Month, less, rounded
from flows.conciliacao.theirs import Conditions, Theirs, negatable

TOTAL, EXPECTED, HERE, DIFFERENCE = "total na origem", "esperado aqui", "aqui", "diferença"
OUT, HIDDEN = "fora por regra", "oculto na origem, guardado aqui"


def closing(
    theirs: Theirs, months: Sequence[Month], ours: Mapping[Month | None, Cells], hidden: Mapping[Month | None, Cells]
) -> pd.DataFrame:
    """A row per month, key and part: `total - fora por regra - em quarentena … = esperado`; `aqui`; the difference."""
    rows: list[dict[str, object]] = []
    for month in months:
        parts = dict(_parts(theirs, month))
        parts[HERE] = ours.get(month, {})
        parts[DIFFERENCE] = less(parts[EXPECTED], parts[HERE])
        if hidden.get(month):
            parts[HIDDEN] = hidden[month]
        always = (TOTAL, EXPECTED, HERE, DIFFERENCE)
        keys = sorted({key for cells in parts.values() for key in cells})
        for key in keys:
            for part, cells in parts.items():
                cell = rounded(cells).get(key)
                if cell or part in always:
                    rows.append(_row(theirs, month, key, part, cell))
    return pd.DataFrame(rows)


def _parts(theirs: Theirs, month: Month) -> Iterator[tuple[str, Cells]]:
    """The parts of a month by name; what a rule leaves out is what all rules before it keep."""
    kept: Conditions = []
    yield TOTAL, theirs.in_months([month], [])
    told = {f"{OUT}: {rule.reason}": rule.kept for rule in theirs.rules}
    for part, leaves in (told | {each.reason: each.kept for each in theirs.apart}).items():
        left_out = leaves[1:] if leaves[0] == "!" else ["!", *negatable(leaves)]
        yield part, theirs.in_months([month], [*kept, *left_out])
        kept = [*kept, *leaves]
    yield EXPECTED, theirs.in_months([month], kept)


def _row(theirs: Theirs, month: Month, key: Sequence[str], part: str, cell: Cell | None) -> dict[str, object]:
    measures = [each.told for each in theirs.measures]
    sums = cell.sums if cell else (Decimal(),) * len(measures)
    return {
        "mes": str(month),
        **dict(zip((cut.told for cut in theirs.cuts), key, strict=True)),
        "parcela": part,
        "documentos": cell.documents if cell else 0,
        "linhas": cell.lines if cell else 0,
        **{name: float(value) for name, value in zip(measures, sums, strict=True)},
    }
