"""Judges what a health check read: each function gives a line that says what is wrong and what to do. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from prefect.client.schemas.objects import Worker

from blocks.instalacao import own
from blocks.prefect_server import host
from blocks.sending import in_clear
from blocks.tiny import CONSENT_COMMAND, Attempt, Kept
from flows.catalogo import RENEWAL
from flows.connections import work_pool
from flows.operacao.situacao.judge import FAILING, WORDS, Judgement, State
from flows.operacao.situacao.overview import LoggedRun, Situation, Sweep
from flows.operacao.situacao.words import ago, clock, span
from flows.operacao.vigia.pulse import Beat
from flows.run.parameters import command
from flows.run.report import Status
from schema.grants import Grant
from schema.migrate import Standing

LEASES_IN_MEMORY = "prefect.server.concurrency.lease_storage.memory"
EXPOSED = (
    "atende na rede sem senha, e quem o alcança executa código nos workers e lê as senhas dos blocos; defina "
    "PREFECT_SERVER_API_AUTH_STRING=usuario:senha no servidor e PREFECT_API_AUTH_STRING igual aqui e nos workers, ou "
    "sirva-o só em 127.0.0.1"
)
WORKER_COMMAND = "sincronia worker"
VIGIA_COMMAND = "sincronia vigia"
VIGIA_SILENCE = timedelta(minutes=3)
"""A vigia that gives no sign for so long is down: it gives one every half minute."""


def renewal_command() -> str:
    """The command that renews Tiny's token."""
    return command(f"{RENEWAL.name}/{own(f'{RENEWAL.name}-agendada')}")


class Grade(StrEnum):
    """How a check ended; only a failure makes the command end with 1."""

    OK = "ok"
    WARNING = "aviso"
    FAILURE = "falha"


_SIGNS = {Grade.OK: "✅", Grade.WARNING: "⚠️", Grade.FAILURE: "❌"}


@dataclass(frozen=True)
class Verdict:
    """One line: which check, how it ended, and why."""

    name: str
    grade: Grade
    told: str

    @property
    def line(self) -> str:
        """As people read it."""
        return f"{_SIGNS[self.grade]} {self.name}: {self.told}"

    def with_link(self, link: str | None) -> "Verdict":
        """The same and where to look, unless all is well or that is unknown."""
        return self if self.grade is Grade.OK or link is None else replace(self, told=f"{self.told}; veja {link}")

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"nome": self.name, "situacao": self.grade.value, "mensagem": self.told}


def judge_migrations(place: str, standing: Standing) -> Verdict:
    """Whether the database has all of this code's migrations; `place` names it."""
    if not standing.known:
        told = f"{place} está na migração {standing.stored}, que este código não tem: ele é mais antigo que o banco"
        return Verdict("banco", Grade.WARNING, f"{told}; atualize-o")
    if standing.stored != standing.newest:
        told = f"{place} está na migração {standing.stored or 'nenhuma'}, e o código na {standing.newest}"
        return Verdict("banco", Grade.FAILURE, f"{told}: rode make deploy")
    return Verdict("banco", Grade.OK, f"{place}, migração {standing.stored}")


def judge_rights(user: str, lacking: Sequence[Grant]) -> Verdict:
    """What the flows' user lacks in the database; there is something."""
    first, more = lacking[0], len(lacking) - 1
    told = f"{user} não tem {first.privilege} em {first.name}" + (f" e mais {more} direitos" if more else "")
    return Verdict("banco", Grade.FAILURE, f"{told}: rode make deploy com DATABASE_OWNER_URL")


def judge_tokens(kept: Kept, last: Attempt | None, now: datetime) -> Verdict:
    """Whether Tiny's tokens are kept alive: not refused, not expired, renewed within 12 hours."""
    if kept.refused_at:
        told = f"o Tiny recusou o token de renovação {ago(kept.refused_at, now)}: rode {CONSENT_COMMAND}"
        return Verdict("tiny", Grade.FAILURE, told)
    if kept.refresh_expires_at and kept.refresh_expires_at <= now:
        told = f"o token de renovação venceu {ago(kept.refresh_expires_at, now)}: rode {CONSENT_COMMAND}"
        return Verdict("tiny", Grade.FAILURE, told)
    if kept.session_ends_at is not None and kept.tell_at is not None and now >= kept.tell_at:
        told = f"a sessão do consentimento termina {clock(kept.session_ends_at, now)}, renove-se ou não"
        return Verdict("tiny", Grade.FAILURE, f"{told}: rode {CONSENT_COMMAND} antes")
    if now >= kept.alarm_at:
        why = f" ({last.error})" if last and last.error else ""
        told = f"token sem renovação {ago(kept.renewed_at, now)}{why}: rode {renewal_command()}"
        return Verdict("tiny", Grade.FAILURE, told)
    limit = f", vale até {clock(kept.refresh_expires_at, now)}" if kept.refresh_expires_at else ""
    return Verdict("tiny", Grade.OK, f"token renovado {ago(kept.renewed_at, now)}{limit}")


def judge_vigia(beat: Beat | None, now: datetime) -> Verdict:
    """Whether the vigia sees changes as they happen; without it they wait for the schedules, which is no failure."""
    if beat is None:
        return Verdict("vigia", Grade.OK, f"não há: as mudanças esperam as agendas (seria {VIGIA_COMMAND})")
    if beat.at < now - VIGIA_SILENCE:
        told = f"sem sinal {ago(beat.at, now)}, e as mudanças esperam as agendas: inicie {VIGIA_COMMAND}"
        return Verdict("vigia", Grade.WARNING, told)
    if not beat.on:
        return Verdict("vigia", Grade.OK, "desligada (VIGIA=desligada): as mudanças esperam as agendas")
    if beat.failing:
        told = "; ".join(f"{source} não pôde ser olhado: {reason}" for source, reason in sorted(beat.failing.items()))
        return Verdict("vigia", Grade.WARNING, told)
    told = ", ".join(f"{source} olhado {ago(at, now)}" for source, at in sorted(beat.looked.items()))
    return Verdict("vigia", Grade.OK, told or "começando")


def judge_server(version: str, where: str, leases: str, *, exposed: bool = False) -> Verdict:
    """A server that answers. If it keeps leases in memory and dies, the locks of that moment stay taken for ever.

    `exposed`: it answers in the network without a password.
    """
    told = f"versão {version} em {where}"
    if exposed:
        return Verdict("prefect", Grade.FAILURE, f"{told}: {EXPOSED}")
    if leases != LEASES_IN_MEMORY:
        return Verdict("prefect", Grade.OK, told)
    told += (
        "; se cair, as travas em uso ficam presas: inicie-o com PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE="
        "prefect.server.concurrency.lease_storage.filesystem"
    )
    return Verdict("prefect", Grade.WARNING, told)


def judge_ways(name: str, urls: Mapping[str, str]) -> Iterator[Verdict]:
    """A warning for each address, by its setting, to which passwords and data travel unencrypted over a network."""
    for setting, url in urls.items():
        if in_clear(url):
            told = f"senhas e dados vão sem criptografia até {host(url)}: ponha https:// em {setting}"
            yield Verdict(name, Grade.WARNING, told)


def judge_workers(workers: Sequence[Worker], *, pool_paused: bool, now: datetime) -> Verdict:
    """Whether a worker is online and its pool is not paused."""
    online = sorted(worker.name for worker in workers if worker.status.value == "ONLINE")
    if not online:
        signs = [worker.last_heartbeat_time for worker in workers if worker.last_heartbeat_time]
        last = f"o último deu sinal {ago(max(signs), now)}" if signs else "nunca houve um"
        told = f"nenhum worker do pool {work_pool()} no ar ({last}): rode {WORKER_COMMAND}"
        return Verdict("worker", Grade.FAILURE, told)
    if pool_paused:
        told = f"o pool {work_pool()} está pausado e nada começa: rode prefect work-pool resume {work_pool()}"
        return Verdict("worker", Grade.WARNING, told)
    return Verdict("worker", Grade.OK, f"{len(online)} no ar: {', '.join(online)}")


def judge_job(situation: Situation, judgement: Judgement, now: datetime) -> Verdict:
    """Whether a job's data is fresh.

    Paused by an operator is no failure; nor is never having run, while its deployment is younger than it may be late.
    """
    name, interval, sweep = situation.job, situation.interval, situation.sweep
    last = situation.last_success
    seen = f"último sucesso {ago(last, now)}" if last else "nunca rodou com sucesso"
    swept = f"; varredura {ago(sweep.last_success, now)}" if sweep and sweep.last_success else ""
    if sweep and judgement.sweep_late and not judgement.late:
        told = f"varredura {WORDS[State.LATE]}: {missing_sweep(sweep, now)}; {seen}"
        return Verdict(name, Grade.FAILURE, f"{told}; rode prefect deployment run {sweep.scheduled}")
    why = _why(situation.last_run) if situation.last_run else ""
    if warned := _warned(situation, judgement, f"{seen}{why}"):
        return Verdict(name, Grade.WARNING, warned)
    if interval is None:
        return Verdict(name, Grade.OK, f"{seen}; sem agenda, só roda quando alguém pede")
    every = f"intervalo de {span(interval)}"
    if not judgement.late:
        return Verdict(name, Grade.OK, f"{seen} ({every}){swept}")
    seen = "" if judgement.state is State.NEVER_RAN else f": {seen}"
    told = f"{judgement.word}{seen} ({every}){why}; rode {_recovery(situation)}"
    return Verdict(name, Grade.FAILURE, told)


def missing_sweep(sweep: Sweep, now: datetime) -> str:
    """How long ago a sweep last succeeded, in words."""
    last = f"última {ago(sweep.last_success, now)}" if sweep.last_success else "nenhuma no último mês"
    return f"{last} (intervalo de {span(sweep.interval)})"


def _warned(situation: Situation, judgement: Judgement, seen: str) -> str | None:
    """What is told of a job that is neither late nor simply well; None: it is one of these."""
    if judgement.state is State.PAUSED:
        return f"{situation.scheduled} está {judgement.word} por uma pessoa; {seen}"
    if judgement.word == FAILING:
        return f"{FAILING}: {seen}; rode {_recovery(situation)}"
    if judgement.state is State.YOUNG and judgement.age is not None and situation.interval is not None:
        return f"{judgement.word}; implantada há {span(judgement.age)} (intervalo de {span(situation.interval)})"
    return None


def _recovery(situation: Situation) -> str:
    """The command that recovers a job, with the parameters of its newest run where it needs any."""
    last = situation.last_run
    return command(situation.recovery, last.report.given if last and situation.scheduled is None else {})


def _why(newest: LoggedRun) -> str:
    if newest.status is Status.KILLED:
        return "; a última execução foi interrompida"
    if newest.status is Status.CANCELLED:
        return "; a última execução foi cancelada por uma pessoa"
    return f"; a última execução falhou: {newest.message}" if newest.failed else ""
