"""One reconciliation from the command line: `python -m flows.conciliacao --periodo 2026-10 --excel fechamento.xlsx`."""

import sys
from collections.abc import Sequence

from flows.catalogo import CONCILIACAO
from flows.conciliacao.fluxo import COMPARED, conciliacao
from flows.run.command import run_from_command_line


def main(arguments: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Reconcile once; 0 if it completed, 1 if it failed, 2 if it did not begin."""
    also = [entity.name for entity in COMPARED]
    return run_from_command_line(conciliacao, CONCILIACAO, arguments, also=also, prog=prog)


if __name__ == "__main__":
    sys.exit(main())
