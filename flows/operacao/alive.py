"""The file by which a container's health check sees that its process lives (`SINCRONIA_PULSO`)."""

import os
from pathlib import Path

PULSE = "SINCRONIA_PULSO"
"""The environment variable that names the file; touched at least every half minute."""


def touch() -> None:
    """Touch the file, where one is named."""
    if pulse := os.environ.get(PULSE):
        Path(pulse).touch()
