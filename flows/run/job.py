"""What runs: a job, the domain to which it belongs, and one run of it."""

from dataclasses import dataclass

from flows.run.counts import Counts
from flows.run.report import Report
from flows.run.steps import Submit
from flows.run.writer import Writer
from flows.settings import Settings


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """Something that runs, one run at a time.

    Attributes:
        name: of its flow, its locks and its record (`carteira`).
        title: what operators call it.
        domain: the name of its domain. The jobs of a domain read each other's tables, so they write one at a time.
        quarantine: the `entidade` of its records in `import_failures`; empty: the job's name.
    """

    name: str
    title: str
    domain: str
    quarantine: str = ""

    @property
    def kept_as(self) -> str:
        """The `entidade` of its records in `import_failures`."""
        return self.quarantine or self.name


@dataclass(frozen=True, eq=False)
class Domain:
    """Jobs that belong together, in the order in which they run and are shown.

    Attributes:
        name: as in the names of deployments and in `sync_agenda.grupo` (`vendas`).
        title: what operators call it.
        jobs: all of them.
        purpose: what one run of all its jobs does, in the operators' language; empty: its jobs have schedules of their
            own, and no flow runs them together.
        numbers: what such a run reads for its parameter `documentos`, likewise.
    """

    name: str
    title: str
    jobs: tuple[Job, ...]
    purpose: str = ""
    numbers: str = ""


@dataclass(frozen=True, eq=False)
class Run:
    """One run of a job.

    Attributes:
        job: what runs.
        settings: this process's.
        writer: how the run writes to the database.
        report: what is known of the run so far.
        submit: starts its steps.
        id: Prefect's id of the flow run; None outside of Prefect.
    """

    job: Job
    settings: Settings
    writer: Writer
    report: Report
    submit: Submit
    id: str | None = None

    def add(self, counts: Counts) -> None:
        """Add what a part of the run did to its report."""
        self.report.counts += counts
