"""The second level: the lines of a month on both sides, by id, write date and what is summed. Pure, with pandas."""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

MISSING_DOCUMENT = "documento que faltava aqui"
MISSING_LINE = "linha que faltava aqui"
EXTRA = "linha ou documento a mais aqui"
NOT_YET = "mudou na origem depois da última sincronização"
UNREAD = "mudança da origem que nenhuma janela leu"
SAME_DATE = "valor diferente com a mesma data: mudado aqui por fora, ou na origem sem data"
NO_CAUSE = "o total do mês difere, e nenhuma linha o explica"
BADLY_GROUPED = "linhas da tabela que não somam o que as linhas do Odoo somam: mudadas aqui por fora"
STALE = "situação mudada na origem sem data: o documento e as suas linhas não dizem o mesmo lá"
CAUSES = (MISSING_DOCUMENT, EXTRA, MISSING_LINE, UNREAD, NOT_YET, SAME_DATE, NO_CAUSE)
"""Why a document is read again, the ones that explain most first."""

PLACES = 3
"""Decimal places to which numbers are compared."""


def differing(
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    versions: Mapping[int, datetime | None],
    checkpoint: datetime | None,
) -> dict[int, str]:
    """The documents with a line that differs, each with the cause that explains most.

    Args:
        ours: `linha`, `documento`, `versao` (unused), `situacao` and the measures, a row per line.
        theirs: the same of the source; `versao` is its write date.
        versions: of the documents that are stored, the version.
        checkpoint: up to which instant everything should be stored.
    """
    both = ours.merge(theirs, on="linha", how="outer", suffixes=("_aqui", "_la"), indicator="lado")
    documents = both["documento_la"].fillna(both["documento_aqui"]).astype("int64")
    found: dict[int, set[str]] = {}

    def note(mask: pd.Series, cause: str) -> None:
        for document in documents[mask].unique():
            found.setdefault(int(document), set()).add(cause)

    stored = documents.map(lambda document: document in versions)
    missing, extra, paired = (both["lado"] == side for side in ("right_only", "left_only", "both"))
    note(missing & ~stored, MISSING_DOCUMENT)
    note(missing & stored, MISSING_LINE)
    note(extra, EXTRA)
    newer = paired & pd.Series(
        [_newer(version, versions.get(doc)) for version, doc in zip(both["versao_la"], documents, strict=True)],
        index=both.index,
        dtype=bool,
    )
    late = both["versao_la"].map(lambda version: checkpoint is None or (pd.notna(version) and version > checkpoint))
    note(newer & late, NOT_YET)
    note(newer & ~late, UNREAD)
    measures = [name for name in ours.columns if name not in ("linha", "documento", "versao", "situacao")]
    differ = both["situacao_aqui"] != both["situacao_la"]
    differ |= both["documento_aqui"] != both["documento_la"]
    for name in measures:
        here, there = (pd.to_numeric(both[f"{name}_{side}"]).astype(float).fillna(0) for side in ("aqui", "la"))
        differ |= here.round(PLACES) != there.round(PLACES)
    note(paired & differ & ~newer, SAME_DATE)
    return {document: min(causes, key=CAUSES.index) for document, causes in sorted(found.items())}


def _newer(version: object, stored: datetime | None) -> bool:
    """Whether the source was written after what is stored; unknown dates tell nothing."""
    return isinstance(version, datetime) and not pd.isna(version) and stored is not None and version > stored
