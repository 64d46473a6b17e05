"""Puts the command `sincronia` into an environment: what pip calls for `pip install --no-deps --editable .` (PEP 660).

The project is run from its folder, as `python -m` does, and is never packed. So all that there is to install is a path
and a script; a build tool for that would be one more package to pin, download and trust.
"""

import tomllib
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[2]


def build_editable(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    """Write a wheel that holds this folder's path and the scripts of pyproject.toml; the wheel's name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = f"{project['name']}-{project['version']}"
    about = f"{named}.dist-info"
    scripts = "".join(f"{name} = {called}\n" for name, called in project["scripts"].items())
    files = {
        f"{project['name']}.pth": f"{ROOT}\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: install.py\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": f"[console_scripts]\n{scripts}",
    }
    files[f"{about}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{about}/RECORD"))
    wheel = f"{named}-py3-none-any.whl"
    with ZipFile(Path(wheel_directory, wheel), "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return wheel


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    """The other wheel that PEP 517 asks for; this project has none.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError("sincronia runs from its folder: pip install --no-deps --editable .")
