"""The Kubernetes template and the Grafana dashboard against the schemas that their makers publish."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

ROOT = Path(__file__).parents[1]
SHELLS = {"command": ["prefect", "flow-run", "execute"], "env": [{"name": "A", "value": "1"}], "labels": {"a": "b"}}
"""What the worker makes of the variables that it fills itself."""
_NOTHING = object()


def filled(template: Any, values: dict[str, Any]) -> Any:
    """A template with its variables in place; what has no value is left out, as Prefect does."""
    if isinstance(template, dict):
        made = {name: filled(each, values) for name, each in template.items()}
        return {name: each for name, each in made.items() if each is not _NOTHING}
    if isinstance(template, list):
        return [filled(each, values) for each in template]
    if isinstance(template, str) and (whole := re.fullmatch(r"{{ (\w+) }}", template)):
        return values.get(whole[1], _NOTHING)
    return re.sub(r"{{ (\w+) }}", r"\1", template) if isinstance(template, str) else template


def test_a_run_on_kubernetes_is_a_job_that_kubernetes_knows_in_every_field() -> None:
    pool = json.loads((ROOT / "docs/pools/kubernetes.json").read_text(encoding="utf-8"))
    defaults = {name: each.get("default") for name, each in pool["variables"]["properties"].items()}
    given = {name: value for name, value in defaults.items() if value is not None} | SHELLS
    manifest = filled(pool["job_configuration"]["job_manifest"], given)
    assert kubernetes_validate.validate(manifest, "1.37", strict=True)


def lost(ours: Any, known: Any, path: str = "") -> Iterator[str]:
    """Where a dashboard says what its published types do not know."""
    if isinstance(ours, dict) and isinstance(known, dict):
        for name, each in ours.items():
            yield from lost(each, known[name], f"{path}.{name}") if name in known else [f"{path}.{name}"]
    elif isinstance(ours, list) and isinstance(known, list):
        for at, (each, other) in enumerate(zip(ours, known, strict=True)):
            yield from lost(each, other, f"{path}[{at}]")
    elif ours != known:
        yield path


def test_the_dashboard_says_nothing_that_grafanas_types_do_not_know() -> None:
    register_default_plugins()
    ours = json.loads((ROOT / "monitoring/painel.json").read_text(encoding="utf-8"))
    known = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(ours)))
    assert list(lost(ours, known)) == []
