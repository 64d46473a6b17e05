"""What a run is asked for: the parameters that every entity and domain flow takes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from blocks.zone import BUSINESS_ZONE, shown
from flows.run.errors import BadParameters
from flows.run.parameters import MOST_DOCUMENTS, MOST_MINUTES, excludes, names, needs, share

TOGETHER = {
    **needs("ate", "desde", "string"),
    **excludes("janela_minutos", "desde", "ate", "documentos"),
    **excludes("documentos", "desde", "ate"),
}
"""What of the checks of `Request.of` a schema can say, so that Prefect's own command and form refuse it too."""


@dataclass(frozen=True)
class Request:
    """Which changes a run reads, and whether it writes. Build it with `Request.of`, which checks it.

    Attributes:
        width: read the changes of this span back from the source's now.
        since: read the changes from this instant on (aware UTC).
        until: and before this one (aware UTC).
        numbers: read these documents, whenever they changed.
        dry_run: read and count everything, write nothing.
        reread: read all documents of the window, also those that are settled.
        limite_exclusao: the share of the documents that may vanish at once; None: the setting's.
    """

    width: timedelta | None = None
    since: datetime | None = None
    until: datetime | None = None
    numbers: tuple[str, ...] = ()
    dry_run: bool = False
    reread: bool = False
    limite_exclusao: float | None = None

    @classmethod
    def of(
        cls,
        janela_minutos: int | None = None,
        desde: datetime | None = None,
        ate: datetime | None = None,
        documentos: list[str] | None = None,
        *,
        dry_run: bool = False,
        reler: bool = False,
        limite_exclusao: float | None = None,
    ) -> "Request":
        """The request that the operator's parameters make.

        Raises:
            BadParameters: they contradict each other or hold a value that cannot be met.
        """
        spans = {"janela_minutos": janela_minutos, "desde/ate": desde or ate, "documentos": documentos}
        given = [name for name, value in spans.items() if value is not None]
        if len(given) > 1:
            raise BadParameters(f"Informe só um de janela_minutos, desde/ate ou documentos; vieram {' e '.join(given)}")
        width = None
        if janela_minutos is not None:
            if not 1 <= janela_minutos <= MOST_MINUTES:
                raise BadParameters(f"janela_minutos={janela_minutos}: informe de 1 a {MOST_MINUTES} minutos")
            width = timedelta(minutes=janela_minutos)
        if ate is not None and desde is None:
            raise BadParameters("ate sem desde: informe também desde, o início do período")
        since, until = _aware("desde", desde), _aware("ate", ate)
        if since and until and since >= until:
            raise BadParameters(f"desde={shown(since)} não é anterior a ate={shown(until)}")
        if since and since > datetime.now(UTC) + timedelta(days=1):
            raise BadParameters(f"desde={shown(since)} está no futuro")
        limit = share("limite_exclusao", limite_exclusao)
        return cls(width, since, until, _numbers(documentos), dry_run, reler, limit)

    @property
    def spans(self) -> bool:
        """Whether it names documents or a span, so that nothing else is to be read."""
        return bool(self.numbers or self.width or self.since)

    def described(self) -> str:
        """The request in the operator's words, for the log and the run record."""
        limit = "" if self.limite_exclusao is None else f", limite de exclusão {self.limite_exclusao:.0%}"
        return f"{self._what()}{', relendo tudo' if self.reread else ''}{limit}"

    def _what(self) -> str:
        if self.numbers:
            return f"documentos {', '.join(self.numbers[:10])}{' …' if len(self.numbers) > 10 else ''}"
        if self.width:
            return f"janela de {int(self.width.total_seconds() // 60)} minutos"
        if self.since:
            return f"desde {shown(self.since)} até {shown(self.until) if self.until else 'agora'}"
        return "desde o último checkpoint"


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    try:
        aware = (moment if moment.tzinfo else moment.replace(tzinfo=BUSINESS_ZONE)).astimezone(UTC)
        aware.astimezone(BUSINESS_ZONE)  # people read it there
        return aware
    except OverflowError:
        raise BadParameters(f"{name}={moment}: informe uma data entre os anos 2 e 9998") from None


def _numbers(documentos: Any) -> tuple[str, ...]:
    if documentos is None:
        return ()
    numbers = tuple(names("documentos", documentos))
    if not numbers:
        raise BadParameters("documentos está vazio: informe ao menos um número, ou deixe o campo sem valor")
    if "" in numbers:
        raise BadParameters("documentos contém um número em branco")
    if len(numbers) > MOST_DOCUMENTS:
        raise BadParameters(f"documentos tem {len(numbers)} números; informe no máximo {MOST_DOCUMENTS}")
    return numbers
