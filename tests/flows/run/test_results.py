"""Results come back as they were, and no file in their folder can have code run."""

import base64
import json
import logging
import lzma
import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
from prefect.serializers import PickleSerializer
from prefect.settings import PREFECT_RESULTS_LOCAL_STORAGE_PATH, temporary_settings

from blocks.errors import SincroniaError
from flows.run import results
from flows.run.counts import Counts
from flows.run.errors import BatchesFailed, ResultRefused
from flows.run.report import Report
from flows.run.results import RESULTS, keep_private, owners, results_folder
from flows.sync.deletion import Differences
from flows.sync.plan import Plan
from flows.sync.sync import Retired
from flows.sync.window import Clock, Now, Window

THEN = datetime(2026, 11, 28, 10, 0, 0, 123456, tzinfo=UTC)
PLAN = Plan(
    asked=7,
    seen=Clock(THEN, None),
    listed_at=Now(THEN, THEN - timedelta(hours=1)),
    window=Window(None, THEN, sweep=True),
    documents={1: THEN, 2: None},
    known=frozenset({1}),
    settled=Counts(inalterados=3, avisos={"documentos com data de escrita no futuro": 2}),
    vanished=(4,),
    unread=frozenset({9}),
    complete=True,
    unknown=("S1",),
)
RETIRED = Retired(Differences((1,), (2,)), Counts(removidos=1, causas={"regra nova": 1}))


@pytest.mark.parametrize("result", [PLAN, RETIRED, Counts(), None, 7, {"lidos": 3, "nested": [{"classe": "x"}]}])
def test_a_result_comes_back_as_it_was(result: Any) -> None:
    assert RESULTS.loads(RESULTS.dumps(result)) == result


def test_what_no_utf_8_can_say_is_replaced_in_a_result() -> None:
    kept = RESULTS.loads(RESULTS.dumps(replace(PLAN, unknown=("half of a pair: \ud83d", "whole: 🚚"))))
    assert kept == replace(PLAN, unknown=("half of a pair: ?", "whole: 🚚"))


def test_the_report_of_a_run_is_kept() -> None:
    report = Report(job="carteira", checkpoint=THEN).as_dict()
    assert RESULTS.loads(RESULTS.dumps(report)) == report


def test_an_error_is_kept_by_its_text() -> None:
    error = RESULTS.loads(RESULTS.dumps(BatchesFailed("1 de 2 lotes falharam")))
    assert isinstance(error, SincroniaError)
    assert str(error) == "BatchesFailed: 1 de 2 lotes falharam"


# --- what somebody may have put into the folder ----------------------------------------------------------------------


class Evil:
    """Leaves a file where it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """A file that is there once code was run."""
    return tmp_path / "mark"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "results"
    made.mkdir()
    results._tell.cache_clear()
    yield made


def pickled(mark: Path) -> str:
    return base64.encodebytes(pickle.dumps(Evil(mark))).decode()


def compressed(mark: Path) -> str:
    return base64.encodebytes(lzma.compress(pickled(mark).encode())).decode()


def planted(kind: str, mark: Path) -> dict[str, Any]:
    """A record that runs code where Prefect's own serializers read it."""
    if kind == "untold":
        return {"result": pickled(mark)}
    if kind == "json":
        runs = {"type": "json", "object_decoder": "subprocess.check_call"}
        return {"metadata": {"serializer": runs}, "result": json.dumps({"touch": 1, str(mark): 1})}
    content = pickled(mark) if kind == "pickle" else compressed(mark)
    return {"metadata": {"serializer": {"type": kind}}, "result": content}


KINDS = ("pickle", "untold", "compressed/pickle", "json")


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_record_is_refused_and_runs_nothing(
    kind: str, mark: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "x").write_text(json.dumps(planted(kind, mark)))
    store = ResultStore(result_storage=LocalFileSystem(basepath=str(folder)), serializer=RESULTS)
    with caplog.at_level(logging.WARNING):
        assert not store.exists("x")  # so a step is repeated
    with pytest.raises(ResultRefused):
        store.read("x")
    if kind != "untold":  # which newer versions of Prefect take for no record at all
        assert "recusado: só se lê o JSON do Sincronia" in caplog.text
    assert not mark.exists()


def test_a_pickle_that_is_no_record_is_refused(mark: Path, folder: Path) -> None:
    (folder / "x").write_text(pickled(mark))
    for serializer in (RESULTS, PickleSerializer()):  # as the state of a run says that it was kept
        store = ResultStore(result_storage=LocalFileSystem(basepath=str(folder)), serializer=serializer)
        with pytest.raises(ResultRefused):
            store.read("x")
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        {"classe": "subprocess.Popen", "valor": {"args": ["touch", "x"]}},
        {"classe": "flows.deploy.main", "valor": None},
        {"classe": "blocks.unreadable.Unreadable", "valor": {"id": 1, "reason": "x"}},
        {"classe": "flows.run.counts.Counts", "valor": {"lidos": "muitos"}},
        {"outra": 1},
        ["classe"],
        3,
    ],
)
def test_a_file_has_only_known_results_made(content: Any) -> None:
    with pytest.raises(ResultRefused):
        RESULTS.loads(json.dumps(content).encode())


# --- the folder ------------------------------------------------------------------------------------------------------


def test_the_folder_is_made_for_its_user_alone_and_closed_where_it_is_open(tmp_path: Path) -> None:
    with temporary_settings({PREFECT_RESULTS_LOCAL_STORAGE_PATH: tmp_path / "home" / "results"}):
        keep_private(results_folder())
        assert results_folder().stat().st_mode & 0o777 == 0o700
        assert owners(results_folder()) == {"sincronia"}
        results_folder().chmod(0o755)
        keep_private(results_folder())
        assert results_folder().stat().st_mode & 0o777 == 0o700
