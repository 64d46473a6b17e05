"""The installation beside its simulated sources: what people change there, and whether it has arrived."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine as Database
from sqlalchemy.exc import DBAPIError

from blocks.tiny import TinyAccount
from demo import check
from demo.compose.installation import PATIENCE, Installation, wait
from demo.deployments import created, final_states
from demo.odoo import OdooProcess
from demo.processes import DemoError
from demo.story.scene import Scene
from demo.tiny import TinyProcess

INTERVAL_MINUTES = 1
"""Between two scheduled runs of a domain: nobody asks for a run after a fault."""
ENTITIES = frozenset({"faturamento", "carteira", "requisicoes", "pedidos", "alocacoes", "entradas"})
"""What these runs keep in step."""
CARGA = "tiny-carga/tiny-carga-recuperacao"
DOMAIN = "vendas"


@dataclass(frozen=True)
class World:
    """What is there while faults happen.

    Attributes:
        scene: Odoo as people use it, and the data's database.
    """

    installation: Installation
    odoo: OdooProcess
    tiny: TinyProcess
    account: TinyAccount = field(repr=False)
    scene: Scene = field(repr=False)

    @property
    def database(self) -> Database:
        """The data's."""
        return self.scene.engine

    def say(self, line: str) -> None:
        """Tell what is going on."""
        self.scene.say(line)

    def change(self) -> None:
        """Somebody orders more of something that is sold, and agrees on another price of something that is bought."""
        for model, name in (("sale.order.line", "product_uom_qty"), ("purchase.order.line", "price_unit")):
            wanted = [("order_id.state", "in", ["sale", "purchase"]), ("product_id.default_code", "!=", False)]
            line = self.scene.first(model, wanted, name)
            self.scene.do(model, "write", line["id"], {name: line[name] + 1})

    def disagreements(self) -> list[str]:
        """What the tables lack of Odoo, or have otherwise, record by record."""
        company = check.read_company(self.odoo)
        try:
            with self.database.connect() as connection:
                found = check.disagreements(connection, company)
        except DBAPIError as error:
            return [f"the database: {type(error.orig).__name__}"]
        return [f"{name}: {line}" for name, lines in found.items() if name in ENTITIES for line in lines]

    def caught_up(self, seconds: float = PATIENCE) -> float:
        """Wait until the tables agree with Odoo in every record; the seconds that it took.

        Raises:
            DemoError: they do not; the message names the first differences.
        """
        return wait(lambda: not self.disagreements(), lambda: f"still: {'; '.join(self.disagreements()[:5])}", seconds)

    def load_tiny(self) -> None:
        """Have all of Tiny's orders loaded, and see that they are.

        Raises:
            DemoError: the load failed, or something differs.
        """
        account = check.tiny.read_account(self.tiny)
        span = dict(zip(("de", "ate"), account.months, strict=True))
        with self.installation.api() as api:
            [state] = final_states(api, {CARGA: created(api, CARGA, span)}).values()
        if state["type"] != "COMPLETED":
            raise DemoError(f"{CARGA}: {state['name']}: {state['message']}")
        with self.database.connect() as connection:
            differing = check.tiny.disagreements(connection, account)["tiny-carga"]
        if differing:
            raise DemoError(f"after {CARGA}: {'; '.join(differing[:5])}")

    def at_work(self, *kinds: str) -> list[dict[str, str]]:
        """The runs of the sales domain that are under way, or in states of other types."""
        return [
            run
            for run in self.installation.asked(
                "/flow_runs/filter",
                flow_runs={"state": {"type": {"any_": kinds or ["RUNNING"]}}},
                flows={"name": {"any_": [DOMAIN]}},
            )
            if run["deployment_id"]
        ]

    @contextmanager
    def slow_odoo(self, seconds: int) -> Iterator[str]:
        """Let Odoo's answers take so long that the next run of sales waits for one in the block; gives the run's id."""
        wait(lambda: not self.at_work(), lambda: "a run of vendas does not end")
        before = self._questions()
        self.odoo.control("faults", kind="delay", seconds=seconds, times=20, model="sale.order")
        try:
            wait(lambda: self._questions() > before, lambda: "no run asks Odoo for orders")
            wait(lambda: bool(self.at_work()), lambda: "no run of vendas is at work")
            yield self.at_work()[0]["id"]
        finally:
            self.odoo.control("reset")

    def _questions(self) -> int:
        """How many about sale orders Odoo has been asked since the last fault; it counts them when they come."""
        asked = self.odoo.control("calls")["methods"]
        return sum(times for method, times in asked.items() if method.startswith("sale.order."))

    def worker_of(self, run: str) -> str:
        """The worker's container in which a run's process is."""
        for container in self.installation.containers("worker"):
            script = f'grep -lszF "PREFECT__FLOW_RUN_ID={run}" /proc/[0-9]*/environ'
            if self.installation.engine.tries("exec", container, "sh", "-c", script):
                return container
        raise DemoError(f"no worker's container has a process of the run {run}")

    def state(self, run: str) -> str:
        """The name of a run's state."""
        return self._told(run)[0]

    def must_end(self, run: str, name: str) -> str:
        """Wait until a run has ended, and see that it did so in the state of that name; the name.

        Raises:
            DemoError: it ended in another one; the message holds that state's.
        """
        if self.ends(run) != name:
            raise DemoError(f"the run has not ended {name}: {': '.join(self._told(run))}")
        return name

    def ends(self, run: str, seconds: float = PATIENCE) -> str:
        """Wait until a run has ended; the name of its last state."""
        last = ("Completed", "Failed", "Crashed", "Cancelled", "Skipped", "Parcial")
        wait(lambda: self.state(run) in last, lambda: f"the run {run} is {': '.join(self._told(run))}", seconds)
        return self.state(run)

    def _told(self, run: str) -> tuple[str, str]:
        """The name and the message of a run's state."""
        found = self.installation.asked("/flow_runs/filter", flow_runs={"id": {"any_": [run]}})
        return (found[0]["state"]["name"], found[0]["state"]["message"] or "") if found else ("unknown", "")
