"""How large what grows has become: databases, the largest tables, the folder of the results, Prefect's runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from blocks.banco import fetch
from flows.operacao.faxina.registros import FAXINA
from flows.operacao.faxina.resultados import measured

LARGEST = 6
"""Tables that are told, the largest first."""


@dataclass(frozen=True)
class Size:
    """One thing that grows: its name in the operators' words, its bytes, its rows, files or runs; None: not known."""

    name: str
    size: int | None
    number: int | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"nome": self.name, "bytes": self.size, "quantidade": self.number}


def stored_sizes(connection: Connection) -> list[Size]:
    """Our database, Prefect's if it is on the same server, and our largest tables; their rows are a guess."""
    return [Size(*row) for row in fetch(connection, FAXINA["tamanhos"], quantas=LARGEST)]


def other_sizes(folder: Path, runs: int | None) -> Iterator[Size]:
    """The results, where the folder is on this machine; and Prefect's runs, where it was asked."""
    if folder.is_dir():
        files, size = measured(folder)
        yield Size(f"resultados em {folder}", size, files)
    if runs is not None:
        yield Size("execuções no Prefect", None, runs)


def told(size: int | None) -> str:
    """Bytes as people read them: `873 MB`."""
    if size is None:
        return "–"
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}".replace(".", ",")
