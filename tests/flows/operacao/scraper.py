"""What an endpoint tells of a database that has a timetable."""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from flows.operacao.collector import SyncCollector
from flows.operacao.timetable import with_interval, write_timetable
from flows.settings import Settings
from tests.conftest import as_owner

Samples = dict[tuple[str, ...], float]


class Scraper:
    """One endpoint's process, as far as its metrics go."""

    def __init__(self, engine: Engine) -> None:
        with as_owner(engine) as owner:
            write_timetable(owner, with_interval(Settings())["deployments"])
        self.registry = CollectorRegistry()
        self.registry.register(SyncCollector(engine))

    def scrape(self) -> Samples:
        """Every sample by its name and the values of its labels, in the order of the labels' names."""
        families = text_string_to_metric_families(generate_latest(self.registry).decode())
        return {
            (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }
