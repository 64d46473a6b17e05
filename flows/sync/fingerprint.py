"""What a value, a function or a class is made of, as a text: the same on every machine and in every process.

A function stands for its source, parsed: comments, formatting, docstrings and annotations make no difference. What it
names of our own code (functions, classes, constants) belongs to it, and what these name, and so on. Declarations stand
for their fields. Order counts in lists, not in mappings and sets.
"""

import ast
import inspect
import re
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

_WITHOUT_EFFECT = frozenset({"annotation", "returns", "type_comment", "type_params", "kind", "ctx"})
"""Fields of syntax nodes that say nothing about what the code does, or are not there in every version of Python."""

_OTHERS = tuple(str(Path(sysconfig.get_path(name)).resolve()) for name in ("stdlib", "purelib", "platlib"))
"""Folders whose code is not ours: of it only the name counts."""

_PARAMETER = re.compile(r"%\((\w+)\)s")


def digest(text: str) -> str:
    """A short name for a text."""
    return blake2b(text.encode(errors="backslashreplace"), digest_size=8).hexdigest()


class Fingerprint:
    """Describes values; each function and class once.

    Attributes:
        mentioned: the attributes that the code seen so far names, and the parameters of the SQL statements.
    """

    def __init__(self, boundary: tuple[str, ...] = (), unsaid: Set[str] = frozenset()) -> None:
        """Of what is defined in the modules or packages of `boundary` only the name counts.

        `unsaid` are fields of declarations that only tell people something.
        """
        self.mentioned: set[str] = set()
        self._boundary = boundary
        self._unsaid = unsaid
        self._known: dict[FunctionType | type, str] = {}

    def of(self, value: Any) -> str:
        """What a value is made of."""
        if isinstance(value, FunctionType | type):
            return self._once(value)
        if isinstance(value, partial):
            return self.of((value.func, value.args, value.keywords))
        if inspect.isroutine(value) or hasattr(value, "__wrapped__"):  # a method, or what is cached
            inner = inspect.unwrap(getattr(value, "__func__", value))
            return self.of(inner) if isinstance(inner, FunctionType) else _name(value)
        if is_dataclass(value):
            named = {each.name: getattr(value, each.name) for each in fields(value) if each.name not in self._unsaid}
            return f"{self.of(type(value))}{self.of(named)}"
        return self._plain(value)

    def module(self, module: ModuleType) -> str:
        """What the whole source of a module says."""
        return digest("".join(_dumped(_parsed(inspect.getsourcefile(module) or ""), _Names())))

    def _plain(self, value: Any) -> str:
        if isinstance(value, str):
            self.mentioned.update(_PARAMETER.findall(value))
            return repr(value)
        if isinstance(value, Mapping):
            return "{" + ",".join(sorted(f"{self.of(key)}:{self.of(each)}" for key, each in value.items())) + "}"
        if isinstance(value, Set):
            return "{" + ",".join(sorted(map(self.of, value))) + "}"
        if isinstance(value, list | tuple):
            return "[" + ",".join(map(self.of, value)) + "]"
        if isinstance(value, re.Pattern | Enum):
            own = (value.pattern, value.flags) if isinstance(value, re.Pattern) else value.value
            return f"{_name(value)}{own!r}"
        # What somebody else's object shows of itself may be an address, which is of this process alone.
        return repr(value) if _module(value).partition(".")[0] in sys.stdlib_module_names else self.of(type(value))

    def _once(self, value: FunctionType | type) -> str:
        """The description of a function or class; where it is being described already, only its name."""
        if not self._ours(value):
            return _name(value)
        if value not in self._known:
            self._known[value] = _name(value)
            self._known[value] = self._function(value) if isinstance(value, FunctionType) else self._class(value)
        return self._known[value]

    def _ours(self, value: FunctionType | type) -> bool:
        module = _module(value)
        within = any(f"{module}.".startswith(f"{each}.") for each in self._boundary)
        path = value.__code__.co_filename if isinstance(value, FunctionType) else _file_of(module)
        return bool(path) and not within and _is_ours(path)

    def _function(self, function: FunctionType) -> str:
        code = function.__code__
        around = dict(function.__globals__)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            with suppress(ValueError):  # it has no value yet
                around[name] = cell.cell_contents
        if not _has_source(code.co_filename):  # made by a program
            names = _Names(set(code.co_names), set(code.co_names))
            constants = [each for each in code.co_consts if not isinstance(each, CodeType)]
            return digest(f"{code.co_code.hex()}{constants!r}{code.co_names}{self._named(names, around)}")
        text, names = _function_source(code.co_filename, code.co_name, code.co_firstlineno)
        return digest(text + self._named(names, around))

    def _class(self, kind: type) -> str:
        text, names = _class_source(_file_of(_module(kind)), kind.__name__)
        return digest(text + self._named(names, vars(sys.modules[kind.__module__])))

    def _named(self, names: "_Names", around: Mapping[str, Any]) -> str:
        """What the names in a piece of code stand for."""
        self.mentioned |= names.attributes
        found = {name: around[name] for name in sorted(names.read) if name in around}
        for name, value in found.items():
            if isinstance(value, ModuleType):
                asked = sorted(each for each in names.attributes if hasattr(value, each))
                found[name] = {each: getattr(value, each) for each in asked}
        return self.of(found)


@dataclass
class _Names:
    """The names that a piece of code reads, and the attributes that it asks for."""

    read: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


def _dumped(node: Any, names: _Names) -> Iterator[str]:
    """A syntax tree as text, without what has no effect; `names` are filled along the way."""
    if isinstance(node, list):
        for each in node:
            if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)):  # a docstring
                yield from _dumped(each, names)
    elif isinstance(node, ast.AST):
        if isinstance(node, ast.Name):
            names.read.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.attributes.add(node.attr)
        yield f"({type(node).__name__}"
        for field, value in ast.iter_fields(node):
            if field not in _WITHOUT_EFFECT and value is not None and value != []:
                yield f" {field}="
                yield from _dumped(value, names)
        yield ")"
    else:
        yield repr(node)


@cache
def _parsed(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


@cache
def _defined(path: str) -> Mapping[tuple[str, int], list[ast.AST]]:
    """The syntax of each function and class in a file, by name and first line; of lambdas on one line all."""
    found: defaultdict[tuple[str, int], list[ast.AST]] = defaultdict(list)
    for each in ast.walk(_parsed(path)):
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            begins = min([each.lineno, *(one.lineno for one in getattr(each, "decorator_list", ()))])
            found[getattr(each, "name", "<lambda>"), begins].append(each)
    return found


@cache
def _function_source(path: str, name: str, line: int) -> tuple[str, _Names]:
    """The source of a function of this name that begins on a line of a file, as a text, and the names in it."""
    nodes = _defined(path).get((name, line), [])
    return _text_of([each for each in nodes if not isinstance(each, ast.ClassDef)])


@cache
def _class_source(path: str, name: str) -> tuple[str, _Names]:
    """The source of all classes of a name in a file as a text, and the names in it."""
    nodes = [each for nodes in _defined(path).values() for each in nodes]
    return _text_of([each for each in nodes if isinstance(each, ast.ClassDef) and each.name == name])


def _text_of(nodes: Sequence[ast.AST]) -> tuple[str, _Names]:
    names = _Names()
    return "".join(part for node in nodes for part in _dumped(node, names)), names


@cache
def _has_source(path: str) -> bool:
    return Path(path).is_file()


@cache
def _is_ours(path: str) -> bool:
    return not str(Path(path).resolve()).startswith(_OTHERS)


def _file_of(module: str) -> str:
    """The file with the source of a loaded module; empty where there is none, as for what is built in or compiled."""
    found = sys.modules.get(module) or sys.modules["__main__"]
    file = getattr(found, "__file__", None) or ""
    return file if file.endswith(".py") else ""


def _module(value: Any) -> str:
    """The module that defines a function or class, or the class of a value; under its own name if it was started."""
    name = (value if hasattr(value, "__qualname__") else type(value)).__module__ or ""
    started = sys.modules["__main__"].__spec__
    return started.name if name == "__main__" and started else name


def _name(value: Any) -> str:
    return f"{_module(value)}.{(value if hasattr(value, '__qualname__') else type(value)).__qualname__}"
