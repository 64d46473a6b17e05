"""What deploys Sincronia (image, compose.yaml, systemd units, work pools) says what it seems to say.

Prefect ignores a variable that it does not know, compose an environment that nobody reads, systemd a unit whose program
is missing until it starts. `make image-check` builds and runs the image; these checks need no tool.
"""

import copy
import importlib.util
import json
import re
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import prefect
import pytest
import yaml
from prefect.server.schemas.actions import validate_base_job_template
from prefect.settings import Settings as PrefectSettings
from prefect.settings.base import PrefectBaseSettings
from prefect.settings.legacy import _get_valid_setting_names
from prefect.utilities.schema_tools.validation import validate
from prefect_redis import cleanup_queue, client, messaging
from pydantic import AliasChoices

from flows.connections import WORK_POOL
from flows.operacao.alive import PULSE
from flows.operacao.parsers import WORKER_LIMIT
from flows.operacao.pool import without_command
from flows.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
UNITS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/systemd").glob("*.service"))}
POOLS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "docs/pools").glob("*.json"))
}
SHIPPED = json.loads(
    (Path(prefect.__file__).parent / "server/api/collections_data/views/aggregate-worker-metadata.json").read_text()
)
RESULTS = "/var/lib/sincronia/results"

each_service = pytest.mark.parametrize("service", SERVICES)
each_unit = pytest.mark.parametrize("unit", UNITS)
FIXED: dict[str, dict[str, Any]] = {
    "docker": {"privileged": False, "volumes": ["sincronia_results:/var/lib/sincronia/results"]},
    "kubernetes": {},
}
"""What Prefect's templates take from a run and ours do not, besides its command."""
each_pool = pytest.mark.parametrize("kind", POOLS)


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions: continued lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def instruction(name: str) -> str:
    (found,) = (rest for each, rest in instructions() if each == name)
    return found


def image_environment() -> dict[str, str]:
    return dict(each.split("=", 1) for each in instruction("ENV").split())


def unit_settings(unit: str, section: str = "Service") -> dict[str, str]:
    parser = RawConfigParser(strict=False)  # a repeated key, as Environment= may be, keeps the last value
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNITS[unit])
    return dict(parser[section])


def seconds(span: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([smh]?)", span).groups()  # type: ignore[union-attr]
    return int(number) * {"": 1, "s": 1, "m": 60, "h": 3600}[unit]


ONCE = ("papeis", "deploy")
"""The services that do their work and end."""


def started_modules() -> set[str]:
    """All `python -m …` that the image, compose.yaml and the units start."""
    commands = [instruction("HEALTHCHECK"), instruction("CMD"), *UNITS.values()]
    commands += [" ".join(service.get("command", [])) for service in SERVICES.values()]
    return {name for text in commands for name in re.findall(r'python"?,? "?-m"?,? "?((?:flows|blocks)[\w.]+)', text)}


# --- settings --------------------------------------------------------------------------------------------------------


def test_prefect_knows_every_setting_that_is_named() -> None:
    known = set(_get_valid_setting_names(PrefectSettings))
    for module in (client, messaging, cleanup_queue):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, PrefectBaseSettings):
                known |= _get_valid_setting_names(found)
    texts = {"Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE_TEXT, ".env.example": EXAMPLE, **UNITS}
    named = {(name, where) for where, text in texts.items() for name in re.findall(r"\bPREFECT_[A-Z_]+", text)}
    assert {where for _, where in named} == texts.keys()
    assert not {(name, where) for name, where in named if name not in known}


def test_the_servers_redis_modules_exist_and_are_named_in_full() -> None:
    environment = SERVICES["server"]["environment"]
    modules = {name: value for name, value in environment.items() if value.startswith(("prefect_redis.", "flows."))}
    # All that Prefect keeps in memory otherwise: a lease that is lost leaves its lock taken for ever.
    assert modules.keys() == {
        "PREFECT_MESSAGING_BROKER",
        "PREFECT_MESSAGING_CACHE",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE",
    }
    assert all(importlib.util.find_spec(name) for name in modules.values())
    assert environment["PYTHONPATH"] == instruction("WORKDIR")
    assert environment["PREFECT_SERVER_DOCKET_URL"].startswith("redis://")


def test_the_env_file_explains_every_variable_and_no_other() -> None:
    explained = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    aliases = {
        choice
        for field in Settings.model_fields.values()
        if isinstance(field.validation_alias, AliasChoices)
        for choice in field.validation_alias.choices
    }
    taken = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE_TEXT))
    assert taken <= explained
    assert explained <= taken | aliases | {name.upper() for name in Settings.model_fields}


def test_no_secret_stands_in_the_files() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not re.search(r"^[^#]*(PASSWORD|SECRET|KEY|AUTH_STRING)=.", EXAMPLE, re.MULTILINE)
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|AUTH", variable) or "@" in value:
                assert not value or "${" in value, f"{name}: {variable}"


# --- the image -------------------------------------------------------------------------------------------------------


def test_only_what_the_image_copies_reaches_the_build() -> None:
    sources = {source.rstrip("/") for name, rest in instructions() if name == "COPY" for source in rest.split()[:-1]}
    copied = {each for each in sources if not any(each.startswith(f"{other}/") for other in sources)}
    assert copied == {"requirements.txt", "pyproject.toml", "prefect.yaml", "blocks", "schema", "flows"}
    assert all((ROOT / path).exists() for path in copied)
    lines = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line[0] == "!"} == copied


def test_dependencies_are_installed_before_the_flows_are_copied() -> None:
    steps = [f"{name} {rest}" for name, rest in instructions()]
    install = next(at for at, step in enumerate(steps) if "-r requirements.txt" in step)
    assert max(at for at, step in enumerate(steps[:install]) if step.startswith("COPY")) == install - 1
    assert steps[install - 2 : install] == [
        "COPY requirements.txt pyproject.toml ./",
        "COPY flows/comando/install.py flows/comando/",
    ]


def test_the_image_runs_as_a_user_and_in_exec_form() -> None:
    assert instruction("USER") != "root"
    names = [name for name, _ in instructions()]
    assert names.index("USER") > max(at for at, name in enumerate(names) if name == "RUN")
    assert json.loads(instruction("CMD"))


def test_a_workers_health_is_asked_often_of_the_file_that_it_touches() -> None:
    options, _, command = instruction("HEALTHCHECK").partition(" CMD ")
    given = dict(each.removeprefix("--").split("=") for each in options.split())
    # Until the first good answer a container is "starting", and Compose's `--wait` waits.
    assert seconds(given["interval"]) <= 10
    assert seconds(given["start-period"]) >= 30
    assert json.loads(command)[:2] == ["sh", "-c"]
    assert f"${PULSE} " in json.loads(command)[2]
    assert image_environment()[PULSE].startswith("/tmp/")  # where compose lets it write


def test_every_module_that_is_started_exists() -> None:
    places = [ROOT / name.replace(".", "/") for name in started_modules()]
    assert all(place.with_suffix(".py").exists() or (place / "__main__.py").exists() for place in places)


def test_modules_are_found_in_all_ways_to_write_a_command() -> None:
    known = {"flows.deploy", *(f"flows.operacao.{name}" for name in ("worker", "metricas", "vigia"))}
    assert known <= started_modules()


# --- compose ---------------------------------------------------------------------------------------------------------


@each_service
def test_a_service_is_reached_from_this_host_only(service: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service].get("ports", []))
    assert "network_mode" not in SERVICES[service]


@each_service
def test_a_service_comes_back_and_says_how_it_is(service: str) -> None:
    what = SERVICES[service]
    once = service in ONCE
    assert what["restart"] == ("no" if once else "unless-stopped")
    if service in ("worker", "vigia"):
        assert "healthcheck" not in what  # the image's
    else:
        assert what["healthcheck"].get("disable", False) is once


@each_service
def test_a_service_waits_until_what_it_needs_is_ready(service: str) -> None:
    needed = SERVICES[service].get("depends_on", {})
    assert bool(needed) is (service not in ("postgres", "redis"))
    for name, how in needed.items():
        assert how["condition"] == ("service_completed_successfully" if name in ONCE else "service_healthy")
        assert name in SERVICES


def test_what_must_last_lies_in_named_volumes_and_workers_share_their_results() -> None:
    mounts = dict(mount.split(":")[:2] for service in SERVICES.values() for mount in service.get("volumes", []))
    assert mounts.keys() == COMPOSE["volumes"].keys()
    assert mounts["results"] == RESULTS == image_environment()["PREFECT_RESULTS_LOCAL_STORAGE_PATH"]
    assert RESULTS in instruction_of_user()
    assert SERVICES["worker"]["volumes"] == [f"results:{RESULTS}"]
    assert SERVICES["worker"]["deploy"]["replicas"] > 1


def instruction_of_user() -> str:
    """The step that makes the user: a new volume takes the owner of the folder that it covers."""
    return next(rest for name, rest in instructions() if name == "RUN" and "useradd" in rest)


def ours() -> set[str]:
    """The services that run our image."""
    return {name for name, service in SERVICES.items() if service["image"].startswith("sincronia:")}


def test_all_of_ours_run_the_same_image_and_workers_its_command() -> None:
    assert ours() == {"papeis", "server", "deploy", "worker", "metricas", "vigia"}
    assert "command" not in SERVICES["worker"]


def test_the_image_is_built_once_for_all_of_ours() -> None:
    """Built for each service it has four ids under one tag: then every `run` and `--scale` replaces what runs."""
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["deploy"]
    assert {SERVICES[name]["pull_policy"] for name in ours() - {"deploy"}} == {"never"}


@each_service
def test_a_service_has_a_limit_of_memory(service: str) -> None:
    assert re.fullmatch(r"\d+[mg]", SERVICES[service]["mem_limit"])


def test_a_workers_memory_holds_all_runs_that_it_takes_at_once() -> None:
    assert megabytes(SERVICES["worker"]["mem_limit"]) >= 120 + WORKER_LIMIT * 150


def megabytes(limit: str) -> int:
    return int(limit[:-1]) * {"m": 1, "g": 1024}[limit[-1]]


def test_what_ours_may_write_to_is_in_memory_or_in_a_volume() -> None:
    assert all(SERVICES[name]["read_only"] and "/tmp" in SERVICES[name]["tmpfs"] for name in ours())
    assert image_environment()["PREFECT_SERVER_UI_STATIC_DIRECTORY"].startswith("/var/lib/sincronia/")
    [home] = [each for each in SERVICES["server"]["tmpfs"] if each.startswith("/var/lib/sincronia:")]
    assert {"uid=10001", "gid=10001"} <= set(home.partition(":")[2].split(","))


def test_every_part_of_the_server_that_uses_redis_is_told_where_it_is() -> None:
    environment = SERVICES["server"]["environment"]
    addresses = {name for name, value in environment.items() if value.startswith("redis://")}
    # The clean-up queue has settings of its own; without its address it looks for Redis on localhost, for ever.
    assert addresses == {
        "PREFECT_REDIS_MESSAGING_URL",
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL",
        "PREFECT_SERVER_DOCKET_URL",
    }


# --- systemd ---------------------------------------------------------------------------------------------------------


@each_unit
def test_a_unit_is_stopped_by_asking_its_main_process_first_and_comes_back_otherwise(unit: str) -> None:
    settings = unit_settings(unit)
    assert (settings["KillMode"], settings["KillSignal"], settings["Restart"]) == ("mixed", "SIGTERM", "always")
    assert settings["NoNewPrivileges"] == "true"
    assert settings["ProtectSystem"] == "strict"
    assert settings["StateDirectory"] == "sincronia"  # the only place that it may write to
    assert settings["User"] == "sincronia"
    assert settings["EnvironmentFile"].startswith("/etc/")


def test_a_worker_is_the_same_on_a_host_as_in_the_image_and_has_as_long_to_drain() -> None:
    settings = unit_settings("sincronia-worker@.service")
    program, *arguments = settings["ExecStart"].split()
    command = [Path(program).name, *arguments]
    expected = json.loads(instruction("CMD"))
    assert command[: len(expected)] == expected
    assert command[-1] == "%H-%i"  # each worker has a name of its own
    assert seconds(settings["TimeoutStopSec"]) == seconds(SERVICES["worker"]["stop_grace_period"])


def test_a_worker_on_a_host_has_the_images_settings() -> None:
    unit = dict(re.findall(r"(PREFECT_\w+)=(\S+)", UNITS["sincronia-worker@.service"]))
    image = {name: value for name, value in image_environment().items() if name.startswith("PREFECT_")}
    ours = {
        name: value for name, value in image.items() if not name.startswith("PREFECT_SERVER_A") or "EPHEMERAL" in name
    }
    del ours["PREFECT_SERVER_UI_STATIC_DIRECTORY"]
    assert ours.items() <= unit.items()


def test_the_pages_name_units_and_services_that_there_are() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    units = set(re.findall(r"(?:systemctl \w+|journalctl -u) ([\w@.%-]+)", text))
    stems = {name.removesuffix(".service") for name in UNITS}
    assert units
    assert not {unit for unit in units if re.sub(r"(?<=@)\w+", "", unit) not in stems}
    verbs = r"exec|restart|stop|logs|run --rm|up -d|up --detach"
    services = set(re.findall(rf"docker compose (?:{verbs}) (\w+)", text))
    assert {"worker", "deploy"} <= services <= SERVICES.keys()


# --- work pools ------------------------------------------------------------------------------------------------------


def shipped(kind: str) -> dict[str, Any]:
    template: dict[str, Any] = SHIPPED[f"prefect-{kind}"][kind]["default_base_job_configuration"]
    return template


def refused(kind: str, variables: dict[str, Any]) -> list[str]:
    """What Prefect's validator, and a stricter reading of unknown names, has against these job variables."""
    schema = {**shipped(kind)["variables"], "additionalProperties": False}
    return [error.message for error in validate(variables, schema)]


def defaults(kind: str) -> dict[str, Any]:
    properties = POOLS[kind]["variables"]["properties"]
    return {name: each["default"] for name, each in properties.items() if "default" in each}


def test_a_pools_worker_is_installed_with_our_pins() -> None:
    """Prefect itself and what it needs by requirements.txt, the worker's own package by its version."""
    page = (ROOT / "docs/work-pools.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ +pip install (.*)$", page, re.MULTILINE)
    assert lines[::2] == ["--require-hashes -r requirements.txt"] * len(POOLS)
    assert all(re.fullmatch(r"prefect-(docker|kubernetes)==[\d.]+", line) for line in lines[1::2])


def test_docker_and_kubernetes_are_described() -> None:
    assert POOLS.keys() == {"docker", "kubernetes"}


@each_pool
def test_a_pools_job_variables_fit_the_workers_template(kind: str) -> None:
    assert refused(kind, defaults(kind)) == []
    assert refused(kind, {"imagem": "sincronia"}) != []
    assert refused(kind, {"image": 1}) != []
    assert validate_base_job_template(POOLS[kind])


@each_pool
def test_a_run_chooses_no_command_and_nothing_that_opens_the_host(kind: str) -> None:
    template = POOLS[kind]
    assert without_command(template) == template
    assert "{{ command }}" not in json.dumps(template)
    assert not FIXED[kind].keys() & template["variables"]["properties"].keys()
    assert {name: template["job_configuration"][name] for name in FIXED[kind]} == FIXED[kind]


@each_pool
def test_a_pool_differs_from_the_workers_template_in_its_defaults_and_what_is_fixed_only(kind: str) -> None:
    ours, theirs = (
        {
            name: {key: each[key] for key in each if key != "default"}
            for name, each in whose["variables"]["properties"].items()
            if name not in {"command", *FIXED[kind]}
        }
        for whose in (POOLS[kind], shipped(kind))
    )
    assert ours == theirs


def added(ours: Any, theirs: Any, path: str = "") -> set[str]:
    """Where `ours` has more than `theirs`; a difference in what both have fails."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        assert theirs.keys() <= ours.keys(), path
        more = {f"{path}.{name}".lstrip(".") for name in ours.keys() - theirs.keys()}
        return more.union(*(added(ours[name], theirs[name], f"{path}.{name}") for name in theirs))
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return set().union(*(added(*pair, f"{path}[]") for pair in zip(ours, theirs, strict=True)))
    assert ours == theirs, path
    return set()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("docker", {"container_create_kwargs"}),
        (
            "kubernetes",
            {
                *("pod.terminationGracePeriodSeconds", "pod.securityContext", "pod.volumes"),
                *("pod.containers[].securityContext", "pod.containers[].volumeMounts"),
            },
        ),
    ],
)
def test_a_pool_keeps_the_workers_template_and_adds_what_no_variable_can_say(kind: str, more: set[str]) -> None:
    theirs = copy.deepcopy(without_command(shipped(kind))["job_configuration"]) | FIXED[kind]
    if kind == "kubernetes":
        job = theirs["job_manifest"]["spec"]
        # They stand in the pod in Prefect's template, where Kubernetes does not know them.
        job |= {name: job["template"]["spec"].pop(name) for name in ("parallelism", "completions")}
    found = added(POOLS[kind]["job_configuration"], theirs)
    assert {path.replace("job_manifest.spec.template.spec", "pod") for path in found} == more


def test_flow_runs_of_every_pool_keep_their_results_on_a_shared_volume_and_run_the_images_user() -> None:
    assert f"{COMPOSE['volumes']['results']['name']}:{RESULTS}" in POOLS["docker"]["job_configuration"]["volumes"]
    assert defaults("docker")["networks"] == [f"{COMPOSE['name']}_default"]
    pod = POOLS["kubernetes"]["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (mount,) = container["volumeMounts"]
    assert mount == {"name": pod["volumes"][0]["name"], "mountPath": RESULTS}
    uid = re.search(r"--uid (\d+)", instruction_of_user())
    assert uid
    assert {pod["securityContext"][name] for name in ("runAsUser", "runAsGroup", "fsGroup")} == {int(uid[1])}


@each_pool
def test_the_deployments_job_variables_fit_every_pool(kind: str) -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    for deployment in deployments:
        assert deployment["work_pool"]["name"] == WORK_POOL
        assert refused(kind, deployment["work_pool"]["job_variables"]) == []


def test_each_service_gets_the_address_of_one_role_and_the_administrator_s_password_is_for_papeis_only() -> None:
    known = {name: str(service.get("environment", {})) for name, service in SERVICES.items()}
    known["postgres"] = ""  # it is made with the password
    assert {name for name, text in known.items() if "${POSTGRES_PASSWORD" in text} == {"papeis"}
    assert {name for name, text in known.items() if "${POSTGRES_OWNER_PASSWORD" in text} == {"papeis", "deploy"}
    assert {name for name, text in known.items() if "${POSTGRES_WORKER_PASSWORD" in text} == {"papeis", "deploy"}
    assert {name for name, text in known.items() if "${POSTGRES_PREFECT_PASSWORD" in text} == {"papeis", "server"}
    assert SERVICES["deploy"]["environment"]["POSTGRES_PASSWORD"] == ""  # .env has it, and is given to it whole
