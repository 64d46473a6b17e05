"""What `make up` tells people to type works in a shell as it stands."""

import json
import subprocess
import sys

from demo.__main__ import exports


def test_the_export_lines_give_a_shell_the_addresses_as_they_are() -> None:
    given = {"PREFECT_API_URL": "http://127.0.0.1:4201/api", "DATABASE_URL": "postgresql://eu:a'b $HOME&c@127.0.0.1/x"}
    show = f"{sys.executable} -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    told = "\n".join([*exports(given["PREFECT_API_URL"], given["DATABASE_URL"]), show])
    done = subprocess.run(["/bin/sh", "-c", told], env={}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout).items() >= given.items()
