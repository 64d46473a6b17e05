"""The Prefect automations that `make deploy` sets up: made once, and changed in place by name."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from blocks.instalacao import MARK, own
from flows.run.endings import PARTIAL_STATE, SKIPPED_STATE

PRODUCT = "Sincronia"
"""What the plain names of all automations begin with."""
HEARTBEAT = "prefect.flow-run.heartbeat"
SILENCE = timedelta(seconds=70)
"""How long a run may send no heartbeat: two beats (PREFECT_FLOWS_HEARTBEAT_FREQUENCY, 30 s) and 10 s for delays.

About as long as the lock of a dead run may stay taken: its lease of 60 s and the server's look for it every 15 s.
"""

LAST_STATES = ("Completed", SKIPPED_STATE, PARTIAL_STATE, "Failed", "TimedOut", "Cancelled", "Crashed")
"""Names of the states after which a run sends no heartbeat any more."""

SET_ASIDE = ("AwaitingRetry", "Paused", "Suspended")
"""Names of the states in which a run waits without a process."""

STARTING = timedelta(minutes=2)
"""How long a run may take from a worker's taking it until its first heartbeat: a process starts in 6 to 15 s."""

WAITING = ("Scheduled", "Late", "AwaitingConcurrencySlot")
"""Names of the states in which a run waits again, not having begun: Prefect did not let it have its turn."""


def _crashed_when_silent(
    name: str, description: str, *, after: set[str], calmed_by: Iterable[str], within: timedelta, message: str
) -> AutomationCore:
    """An automation that declares a run Crashed when it sends no heartbeat for a while.

    Args:
        name: as people see it in the UI.
        description: what they read of it there.
        after: names of the events after which the run is watched.
        calmed_by: names of the states that, like a heartbeat, end the watch.
        within: how long it may be silent.
        message: the Crashed state's.
    """
    return AutomationCore(
        name=name,
        description=description,
        trigger=EventTrigger(
            match={"prefect.resource.id": "prefect.flow-run.*"},
            for_each={"prefect.resource.id"},
            after=after,
            expect={HEARTBEAT, *(f"prefect.flow-run.{state}" for state in calmed_by)},
            posture=Posture.Proactive,
            threshold=1,
            within=within,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message=message)],
    )


ZOMBIE = _crashed_when_silent(
    "Sincronia: execução sem sinal de vida",
    "Uma execução que fica 70 s sem dar sinal de vida (processo, worker ou máquina mortos) passa a Crashed: "
    "libera a vaga do seu deployment e a próxima execução segue sozinha, desde o último checkpoint.",
    after={HEARTBEAT},
    calmed_by=(*LAST_STATES, *SET_ASIDE),
    within=SILENCE,
    message="Sem sinal de vida há 70 s: o processo da execução morreu. A próxima recupera desde o checkpoint.",
)

STILLBORN = _crashed_when_silent(
    "Sincronia: execução que não começou",
    "Uma execução que um worker tomou e que em 2 minutos não dá o primeiro sinal de vida (o processo morreu antes) "
    "passa a Crashed: libera a vaga do seu deployment e a próxima execução segue sozinha.",
    after={f"prefect.flow-run.{name}" for name in ("Pending", "Submitting", "Running")},
    calmed_by=(*LAST_STATES, *SET_ASIDE, *WAITING),
    within=STARTING,
    message="Não começou em 2 minutos: o processo da execução morreu antes do primeiro sinal de vida.",
)


def apply(declared: Iterable[AutomationCore]) -> Iterator[tuple[str, str]]:
    """Bring this installation's automations to what is declared: each one's name and what became of it.

    An operator's pause stays: `enabled` counts only when an automation is made.
    """
    with get_client(sync_client=True) as client:
        for wanted in map(of_installation, declared):
            found = client.read_automations_by_name(wanted.name)
            if not found:
                client.create_automation(wanted)
                yield wanted.name, "criada"
                continue
            [stored, *_] = found
            if _contents(stored) == _contents(wanted):
                yield wanted.name, "sem mudança"
                continue
            # Every field is set, for the client sends no other; and none that the server refuses to change.
            client.update_automation(stored.id, AutomationCore(**_contents(wanted), enabled=stored.enabled))
            yield wanted.name, "atualizada"


def named(plain: str) -> str:
    """What an automation of this plain name is called on the server; `Sincronia: …` where the name is the default."""
    return plain.replace(PRODUCT, own(PRODUCT), 1)


def mark() -> dict[str, str]:
    """The tag that all runs of this installation have, as their events name it."""
    return {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{own(MARK)}"}


def of_installation(plain: AutomationCore) -> AutomationCore:
    """The automation under its name of this installation, and about nothing but this installation's runs."""
    assert isinstance(plain.trigger, EventTrigger)
    asked = plain.trigger.match_related
    related = asked if isinstance(asked, list) else [asked]
    ours = [ResourceSpecification(mark()), *(each for each in related if each != ResourceSpecification({}))]
    trigger = plain.trigger.model_copy(update={"match_related": ours})
    return plain.model_copy(update={"name": named(plain.name), "trigger": trigger})


def _contents(automation: AutomationCore) -> dict[str, Any]:
    """The fields that are declared, in the same form whether the automation comes from here or from the server."""
    plain = AutomationCore.model_validate(automation.model_dump(mode="json"))
    return plain.model_dump(exclude={"id", "enabled", "owner_resource"})
