"""A domain run: its entities in order, one failure not stopping the next."""

from collections.abc import Sequence
from typing import Any, cast

from prefect import Flow, State
from prefect.logging import get_run_logger
from prefect.states import Completed

from flows.operacao.painel.artifact import publish_panel
from flows.run.errors import EntitiesFailed, UnknownDocuments
from flows.run.perform import failure
from flows.sync.sync import unknown_message


def run_entities(entities: Sequence[Flow[..., Any]], parameters: dict[str, Any]) -> State[dict[str, Any]]:
    """Run the entity flows one after the other with the same parameters.

    A skipped entity counts as done by the run that holds its lock. Unless it is a dry run, the panel is shown at the
    end, whatever failed.

    Returns:
        Completed with the entities' results by name, its message what they said; or Failed with EntitiesFailed (some
        failed, after all had their turn) or UnknownDocuments (a number is known to none of them).
    """
    logger = get_run_logger()
    results: dict[str, Any] = {}
    said: list[str] = []
    failed: dict[str, str] = {}
    for entity in entities:
        state = cast(State[Any], entity(**parameters, return_state=True))
        if state.is_completed():
            results[entity.name] = state.result() if state.name != "Skipped" else {"status": "Skipped"}
            said.append(state.message if state.message and state.name != "Skipped" else f"{entity.name}: pulada")
        else:
            failed[entity.name] = state.message or state.name or state.type.value
            logger.error("❌ %s falhou: %s", entity.name, failed[entity.name])
    if not parameters["dry_run"]:
        publish_panel()
    if failed:
        each = "; ".join(f"{name} ({message})" for name, message in failed.items())
        return failure(EntitiesFailed(f"{len(failed)} de {len(entities)} entidades falharam: {each}"))
    looked = [result["nao_encontrados"] for result in results.values() if "nao_encontrados" in result]
    unknown = [
        number
        for number in parameters.get("documentos") or []
        if looked and all(number.strip() in missing for missing in looked)
    ]
    if unknown:
        return failure(UnknownDocuments(unknown_message(unknown)))
    return Completed(message="; ".join(said), data=results)
