"""What is known of a run: its report while it runs, and what `log_integracao.detalhes` keeps of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from flows.run.counts import Counts


class Status(StrEnum):
    """How a run stands or ended: the values of `log_integracao.status`."""

    RUNNING = "executando"
    SUCCESS = "sucesso"
    PARTIAL = "parcial"
    """It ended without an error, but put lines into quarantine or left work for the next run."""
    SKIPPED = "pulada"
    """The source has no such records, so there was nothing to do."""
    CANCELLED = "cancelada"
    """A person cancelled it."""
    FAILED = "erro"
    KILLED = "interrompida"
    """Its process ended in the middle of the run; the next run of the job sets this value."""

    @property
    def succeeded(self) -> bool:
        """Whether everything that the run read is stored or in quarantine."""
        return self in (Status.SUCCESS, Status.PARTIAL)


@dataclass
class Report:
    """What is known of a run so far. The run fills it as it goes, so that a run that fails is reported too.

    Attributes:
        job: the name of what runs.
        asked: what it was asked for, in the operators' words.
        dry_run: whether nothing is written.
        flow_run_id: Prefect's id of the run.
        given: what a command must say to ask for the same, by parameter; lists are left out.
        window: the span or the records that it looks at, in the operators' words.
        counts: what became of what it read.
        calls: requests to the source so far.
        pages: how many of them were pages of Tiny's list.
        stopped: why it ended before its work was done, in the operators' words; None: its work was done.
        unknown: numbers that it was asked for and that neither the source nor the database knows.
        unsafe: parts of Tiny's list that changed while they were read, or that came without their total, so that an
            order may be missing.
        checkpoint: where the checkpoint stands now.
        rule: how many documents are of the rule by which rows are made now, in the operators' words.
        notes: what else operators are told of a run of this job, by Portuguese name; no code reads it.
        began: when the run began its work, in seconds of the monotonic clock; until then when it was made.
    """

    job: str = ""
    asked: str = ""
    dry_run: bool = False
    flow_run_id: str | None = None
    given: Mapping[str, str | int] = field(default_factory=dict)
    window: str = "não definida"
    counts: Counts = field(default_factory=Counts)
    calls: int = 0
    pages: int = 0
    stopped: str | None = None
    unknown: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()
    checkpoint: datetime | None = None
    rule: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return round(time.monotonic() - self.began, 3)

    @property
    def left(self) -> str | None:
        """What a run that ends now has not done, in the operators' words; None: its work is done."""
        unsafe = (
            f"listas inseguras, a próxima execução as lê de novo: {'; '.join(self.unsafe)}" if self.unsafe else None
        )
        return self.stopped or unsafe

    @property
    def status(self) -> Status:
        """How the run ends, if it ends now and without an error."""
        return Status.PARTIAL if self.left or self.counts.rejeitados else Status.SUCCESS

    def as_dict(self) -> dict[str, Any]:
        """The report as `log_integracao.detalhes` keeps it, under Portuguese names; ready for JSON."""
        return {
            **self.counts.as_dict(),
            "entidade": self.job,
            "pedido": self.asked,
            "simulacao": self.dry_run,
            "flow_run_id": self.flow_run_id,
            "parametros": dict(self.given),
            "janela": self.window,
            "chamadas": self.calls,
            "paginas": self.pages,
            "parcial": self.stopped,
            "nao_encontrados": list(self.unknown),
            "inseguras": list(self.unsafe),
            "checkpoint": self.checkpoint.isoformat() if self.checkpoint else None,
            "regra": self.rule,
            **self.notes,
            "segundos": self.seconds,
        }


@dataclass(frozen=True)
class Logged:
    """What `log_integracao.detalhes` tells of a run; an older version of this project may have written it.

    Attributes:
        counts: zero if there are none.
        window: empty if there is none.
        calls, stopped, flow_run_id, given: as in `Report`.
    """

    counts: Counts = field(default_factory=Counts)
    window: str = ""
    calls: int = 0
    stopped: str | None = None
    flow_run_id: str | None = None
    given: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "Logged":
        """Read it from the value of the column."""
        return cls(
            Counts.of(details),
            details.get("janela") or "",
            details.get("chamadas") or 0,
            details.get("parcial"),
            details.get("flow_run_id"),
            details.get("parametros") or {},
        )
