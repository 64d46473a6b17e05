"""How the results of steps and runs are kept for a Retry: as plain JSON, in a folder that only their user may enter.

Prefect would keep pickles, and reads a file in whatever way the file itself says: whoever could write the folder could
have code run by the next Retry. Where this module is imported, nothing but its own JSON is read
(docs/decisoes/022-results-as-json.md).
"""

import json
import logging
import sys
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from prefect import State
from prefect.serializers import CompressedSerializer, JSONSerializer, PickleSerializer, Serializer
from prefect.settings import PREFECT_RESULTS_LOCAL_STORAGE_PATH
from pydantic import Field, TypeAdapter, ValidationError

from blocks.errors import SincroniaError
from blocks.instalacao import installation
from flows.run.errors import ResultGone, ResultRefused
from flows.run.quarantine import json_text

PRIVATE = 0o700
"""Only the user of the workers may enter the folder."""
OWNER = ".instalacao-"
"""What the name of the file begins with by which an installation says that the folder is its own."""
_ROOM = "flows."
"""Only dataclasses of this project are made of what a file holds."""

logger = logging.getLogger(__name__)


class KeptAsJson(Serializer):
    """Plain values, dataclasses of this project, and errors by their text; of anything else it makes a text."""

    type: str = Field("sincronia-json", frozen=True)

    def dumps(self, obj: Any) -> bytes:
        """A result as the text of its file."""
        if isinstance(obj, BaseException):
            return json_text({"erro": f"{type(obj).__name__}: {obj}"}).encode()
        if not is_dataclass(obj):
            return json_text({"valor": obj}).encode()
        kind = type(obj)
        adapter = TypeAdapter(kind)
        try:
            value = adapter.dump_json(obj)  # in one go: as objects, a plan of 100,000 documents takes 18 MB more
        except ValueError:  # half of a surrogate pair
            value = json_text(adapter.dump_python(obj, mode="json")).encode()
        return b'{"classe":"%b.%b","valor":%b}' % (kind.__module__.encode(), kind.__qualname__.encode(), value)

    def loads(self, blob: bytes) -> Any:
        """A result out of the text of its file.

        Raises:
            ResultRefused: the text is not one that `dumps` makes.
        """
        try:
            kept = json.loads(blob)
            if "erro" in kept:
                return SincroniaError(kept["erro"])
            if "classe" not in kept:
                return kept["valor"]
            return TypeAdapter(_known(kept["classe"])).validate_python(kept["valor"])
        except (ValueError, TypeError, KeyError, ValidationError) as error:
            raise ResultRefused(f"Um resultado guardado não tem a forma dos desta versão: {error}") from error


RESULTS = KeptAsJson()


def _known(name: str) -> type:
    """A dataclass of this project that is loaded already: a file's word has nothing imported.

    Raises:
        ResultRefused: there is none of this name.
    """
    module, _, kind = name.rpartition(".")
    found = getattr(sys.modules.get(module), kind, None) if module.startswith(_ROOM) else None
    if not isinstance(found, type) or not is_dataclass(found):
        raise ResultRefused(f"Um resultado guardado diz ser de {name!r}, que não é um resultado desta versão")
    return found


def _refuse(self: Serializer, _: bytes) -> NoReturn:
    told = (
        f"Resultado guardado como {self.type} recusado: só se lê o JSON do Sincronia, pois um arquivo de outro formato "
        "pode conter código"
    )
    _tell(told)
    raise ResultRefused(told)


@cache
def _tell(told: str) -> None:
    """Log it once: where Prefect only looks whether there is a result, nobody else would see it."""
    logger.warning("⚠️ %s", told)


for _kind in (PickleSerializer, JSONSerializer, CompressedSerializer):
    _kind.loads = _refuse  # type: ignore[assignment,method-assign]


def kept_result(name: str, state: State[Any]) -> Any:
    """The result of a sub-run that completed, in this attempt of the run or in an earlier one.

    Raises:
        ResultGone: it was an earlier one, and its result is not kept any more, or is not read.
    """
    try:
        return state.result()
    except ResultRefused as error:
        why = f"não é lido ({error})"
    except (ValueError, OSError) as error:
        why = "não está mais guardado (RETENCAO_RESULTADOS), ou a pasta dos resultados é outra"
        logger.debug("%s: %s", name, error)
    raise ResultGone(
        f"Este Retry não pode continuar: o resultado de {name}, da tentativa anterior, {why}. Nada se perdeu: peça uma "
        "execução nova"
    )


def results_folder() -> Path:
    """Where this process's runs keep their results; it need not exist."""
    return Path(PREFECT_RESULTS_LOCAL_STORAGE_PATH.value())


def owners(folder: Path) -> set[str]:
    """The installations whose runs have kept results in this folder; a version before this one left no name."""
    return {each.name.removeprefix(OWNER) for each in folder.glob(f"{OWNER}*")}


def keep_private(folder: Path) -> None:
    """Make the folder if it is missing, let nobody else enter it, and leave our name there; warn where that fails."""
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(PRIVATE)
        (folder / f"{OWNER}{installation()}").touch()
    except OSError as error:
        logger.warning("⚠️ Outros podem entrar na pasta dos resultados, %s: %s", folder, error)
