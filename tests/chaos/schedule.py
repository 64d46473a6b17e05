"""A schedule: days of business and what goes wrong in them, a pure function of its seed."""

from dataclasses import dataclass
from random import Random
from typing import Final

VERSIONS: Final = ("16.0", "17.0", "18.0", "19.0")
SALES, PURCHASES, PRODUCTION, TINY = "vendas", "compras", "manufatura", "tiny"
DOMAINS: Final = (SALES, SALES, PURCHASES, PURCHASES, PRODUCTION, TINY)
JOBS: Final = {
    SALES: ("faturamento", "carteira"),
    PURCHASES: ("requisicoes", "pedidos", "alocacoes", "entradas"),
    PRODUCTION: ("faturamento", "carteira", "apontamentos", "demanda", "ordens-mto"),
    TINY: ("tiny-token", "tiny-os", "tiny-falhas", "tiny-integridade", "tiny-carga"),
}
"""What runs in a schedule of each domain, in its order."""
BUSINESS: Final = {
    SALES: (
        *("sell", "sell", "resell", "requantify", "drop_line", "cancel_sale", "confirm_sale", "unlink_sale"),
        *("invoice", "invoice", "post", "cancel_invoice", "reset_invoice", "renumber", "recode", "uncode"),
        *("rename_partner", "late_sale", "poison", "poison"),
    ),
    PURCHASES: (
        *("request", "request_more", "reject", "order_requested", "buy", "buy_more", "drop_purchase_line"),
        *("confirm_purchase", "cancel_purchase", "unlink_purchase", "receive", "receive_half", "give_back"),
        *("undo_receipt", "recode", "uncode", "rename_partner", "late_purchase", "poison", "poison"),
    ),
    PRODUCTION: ("sell", "produce", "start", "report_less", "finish", "cancel_production", "requantify"),
    TINY: ("create", "create", "status", "status", "value", "equipment", "contact", "mistype", "delete", "expire"),
}
"""What happens in Odoo, by the names of the functions in `tests.chaos.business`; in Tiny, of `TinyWorld`."""

NO_ANSWER: Final = ("204", "blank", "403")
"""What Tiny alone answers instead of an order."""
NETWORK: Final = ("502", "429", "html", "garbage", "drop", "reset", "truncated", "delay", "busy", "refused")
"""What goes wrong between us and Odoo."""
SQLSTATES: Final = ("53100", "40001", "40P01", "57014", "55P03", "53300")
"""Disk full, serialization failure, deadlock, statement time-out, lock not available, too many connections."""
DATABASE: Final = (
    "kill_session",
    "kill_lock",
    "restart",
    "cut",
    "cut_after",
    "unanswered_commit",
    "deadlock",
    *SQLSTATES,
)
"""What goes wrong between us and PostgreSQL."""
CRASHES: Final = ("crash", "crash_before_commit", "crash_after_commit")
"""Where the machine goes down."""
MEANWHILE: Final = ("source_meanwhile", "run_meanwhile", "same_run_meanwhile", "person_meanwhile")
"""What others do in the middle of a run."""
CLOCKS: Final = ("date_ahead", "date_behind", "clock_jump")
"""Wrong clocks."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong in a run.

    Attributes:
        kind: one of the names above.
        after: how many calls, statements or commits pass before it strikes.
        times: how often it strikes, where that can be several times.
        dice: the seed of what is still to be chosen when it strikes.
    """

    kind: str
    after: int = 0
    times: int = 1
    dice: int = 0


@dataclass(frozen=True)
class Business:
    """Something happens in Odoo; `dice` chooses where."""

    what: str
    dice: int


@dataclass(frozen=True)
class Person:
    """A person types something into a column of theirs; `dice` chooses where and what."""

    dice: int


@dataclass(frozen=True)
class Wait:
    """Time passes, by Odoo's clock."""

    seconds: int


@dataclass(frozen=True)
class Run:
    """A job runs.

    Attributes:
        job: its name.
        faults: what goes wrong meanwhile.
        attempts: how often a step is tried, as Prefect does it.
        mode: what it is asked for: `normal`, `sweep`, `numbers`, `dry` or `retry` (of the run before it that failed).
        killed: it runs in a process of its own, and a crash is a SIGKILL.
    """

    job: str
    faults: tuple[Fault, ...] = ()
    attempts: int = 1
    mode: str = "normal"
    killed: bool = False


Step = Business | Person | Wait | Run


@dataclass(frozen=True)
class Schedule:
    """Everything that happens, and where."""

    seed: int
    version: str
    profile: str
    protocol: str
    domain: str
    fresh: bool
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        begin = "um banco vazio" if self.fresh else "um banco sincronizado"
        where = f"semente {self.seed}: Odoo {self.version} {self.profile} por {self.protocol}, {self.domain}, {begin}"
        return "\n".join([where, *(f"  {number:2} {step}" for number, step in enumerate(self.steps, start=1))])


def drawn(seed: int) -> Schedule:
    """The schedule of a seed."""
    dice = Random(seed)
    version = VERSIONS[seed % len(VERSIONS)]
    profile = dice.choice(("vanilla", "vanilla", "ciel_it"))
    protocols = ("jsonrpc", "xmlrpc", "json2") if version == "19.0" else ("jsonrpc", "xmlrpc")
    protocol, domain = dice.choice(protocols), dice.choice(DOMAINS)
    steps: list[Step] = []
    fresh = dice.random() < 0.15
    for _ in range(dice.randint(1, 3)):
        for _ in range(dice.randint(1, 4)):
            steps.append(Business(dice.choice(BUSINESS[domain]), dice.randrange(10**6)))
        if domain != TINY and dice.random() < 0.4:
            steps.append(Person(dice.randrange(10**6)))
        if dice.random() < 0.5:
            steps.append(Wait(dice.choice((1, 59, 600, 3600, 90_000))))
        steps += _runs(dice, domain)
    if dice.random() < 0.5:  # so that the last run has to begin where the checkpoint stands
        steps.append(Wait(dice.choice((3 * 3600, 3 * 3600 if domain == TINY else 10 * 86_400))))
    return Schedule(seed, version, profile, protocol, domain, fresh, tuple(steps))


def _runs(dice: Random, domain: str) -> list[Step]:
    """One to three runs, most of which something goes wrong in."""
    runs: list[Step] = []
    jobs = JOBS[domain]
    for job in sorted(dice.sample(range(len(jobs)), min(len(jobs), dice.randint(1, 3)))):
        faults = tuple(_fault(dice, domain) for _ in range(dice.choice((0, 1, 1, 2, 2, 3))))
        mode = dice.choice(("normal",) * 6 + (("sweep", "numbers", "dry") if domain != TINY else ("dry",)))
        killed = any(each.kind in CRASHES for each in faults) and dice.random() < 0.1
        runs.append(Run(jobs[job], faults, dice.choice((1, 1, 3)), mode, killed))
        if faults and dice.random() < 0.15:
            runs.append(Run(jobs[job], (), 1, "retry"))
    return runs


def _fault(dice: Random, domain: str) -> Fault:
    group = dice.choice((NETWORK, DATABASE, CRASHES, MEANWHILE, CLOCKS))
    kind = dice.choice((*group, *NO_ANSWER) if group is NETWORK and domain == TINY else group)
    few = dice.choice((0, 1, 2, 3))
    many = int(dice.triangular(0, 60, 10))
    after = few if kind in ("crash_before_commit", "crash_after_commit", "unanswered_commit") else many
    if kind == "person_meanwhile" and domain == TINY:
        kind = "source_meanwhile"
    if group is NETWORK or kind.endswith("_meanwhile"):
        after = int(dice.triangular(0, 25, 5))
    return Fault(kind, after, dice.choice((1, 1, 2, 30)), dice.randrange(10**6))
