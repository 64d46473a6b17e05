"""What deploys a second installation beside the first: compose's overlay, and the copies of the systemd units."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/implantacao.md").read_text(encoding="utf-8")


class Overlay(yaml.SafeLoader):
    """Takes compose's own tags (`!override`, `!reset`) for the plain values that they stand before."""


def plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return None


Overlay.add_multi_constructor("!", plain)  # type: ignore[no-untyped-call]
FIRST = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SECOND = yaml.load((ROOT / "docs/compose.filial.yaml").read_text(encoding="utf-8"), Overlay)


def test_each_service_of_the_second_is_one_of_the_firsts_under_its_name() -> None:
    for name, service in SECOND["services"].items():
        assert name == f"{service['extends']['service']}-filial"
        assert service["extends"] == {"file": "compose.yaml", "service": name.removesuffix("-filial")}
        assert name.removesuffix("-filial") in FIRST["services"]
        assert service["environment"]["SINCRONIA_INSTALACAO"] == "filial"
    for name in ("deploy", "worker", "metricas", "vigia"):
        assert FIRST["services"][name]["environment"]["SINCRONIA_INSTALACAO"] == "${SINCRONIA_INSTALACAO:-sincronia}"
        assert f"{name}-filial" in SECOND["services"]


def test_the_second_has_a_database_results_and_secrets_of_its_own() -> None:
    deploy, worker = (SECOND["services"][f"{name}-filial"] for name in ("deploy", "worker"))
    assert deploy["environment"]["DATABASE_URL"].startswith("${FILIAL_DATABASE_URL:?")
    assert deploy["env_file"] == [".env.filial"]
    assert deploy["build"] is None
    [results] = worker["volumes"]
    assert results == "results-filial:/var/lib/sincronia/results"
    assert SECOND["volumes"].keys() == {"results-filial"}
    assert not SECOND["volumes"].keys() & FIRST["volumes"].keys()
    assert SECOND["services"]["metricas-filial"]["ports"] != FIRST["services"]["metricas"]["ports"]


def test_the_copies_of_the_units_share_no_user_folder_or_environment(tmp_path: Path) -> None:
    """The page's own lines, writing elsewhere."""
    [lines] = re.findall(r"^    (for unit in sincronia-worker@.*?^    done)$", PAGE, re.MULTILINE | re.DOTALL)
    subprocess.run(["bash", "-euc", lines.replace("/etc/systemd/system", str(tmp_path))], cwd=ROOT, check=True)
    copies = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    names = ("worker@", "metricas", "vigia")
    assert copies.keys() == {f"sincronia-filial-{name}.service" for name in names}
    for copy in copies.values():
        said = dict(line.split("=", 1) for line in copy.splitlines() if "=" in line and not line.startswith("#"))
        assert (said["User"], said["Group"], said["StateDirectory"]) == ("sincronia-filial",) * 3
        assert said["EnvironmentFile"] == "/etc/sincronia-filial/env"
        assert "PREFECT_HOME=/var/lib/sincronia-filial\n" in copy
        assert not re.search(r"/var/lib/sincronia(?!-filial)|/etc/sincronia/", copy)
