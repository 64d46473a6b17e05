"""Under which keys the steps of a run are kept for its Retry: no step is ever taken for another one."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Engine
from sync_samples import ENTITY, Source, Sync, at, document

from flows.run.steps import Outcome, Step
from tests.flows.at_once import Ended, at_once


def keys(sync: Sync) -> set[Any]:
    """Kind and key of every step of a run, which is carried out."""
    found = []

    def submit(step: Step[Outcome], /) -> Ended[Outcome]:
        found.append((step.kind, repr(step.key)))
        return at_once(step)

    sync.run(submit=submit)
    assert {kind for kind, _ in found} == {"listar", "lote", "exclusoes"}
    assert len(set(found)) == len(found)
    return set(found)


def test_entities_that_a_domain_s_run_asks_the_same_share_no_step(banco: Engine) -> None:
    source = Source(document(1), document(2))
    first, second = (keys(Sync(banco, source, replace(ENTITY, name=name, batch=1))) for name in ("uma", "outra"))
    assert len(first) == len(second) == 4
    assert not first & second


def test_a_document_in_another_version_is_another_batch(banco: Engine) -> None:
    before = keys(Sync(banco, Source(document(1, escrita=at(-30))), replace(ENTITY, name="uma")))
    after = keys(Sync(banco, Source(document(1, escrita=at(-29))), replace(ENTITY, name="uma")))
    assert {kind for kind, _ in after - before} == {"lote"}
