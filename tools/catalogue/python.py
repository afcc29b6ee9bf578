"""Python's side of the catalogue: the types, the errors and the calls of the package `loopstate`.

    python.emit(catalogue)      # the text of each generated module, by its path in the repository
"""

import json
import textwrap
from typing import Optional

from catalogue.model import Alternative, Catalogue, ErrorCode, Field, Named
from catalogue.python_calls import AsyncCalls, Calls
from catalogue.python_text import HEAD, WIDTH, Emitter, described, docstring, filled, identifier, literal, sentence, snake

FOLDER = "python/src/loopstate/"


def emit(catalogue: Catalogue) -> dict[str, str]:
    return {
        FOLDER + "errors.py": Errors(catalogue).text(),
        FOLDER + "_types.py": Types(catalogue).text(),
        FOLDER + "_calls.py": Calls(catalogue).text(),
        FOLDER + "_async_calls.py": AsyncCalls(catalogue).text(),
    }


# Errors ------------------------------------------------------------------------------------------------------------------

ERRORS_HEAD = '''"""What can go wrong: a class for each error code of the library. docs/errors.md says what to do about each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type

    from ._types import Conflict


class Error(Exception):
    """Whatever loopstate refuses, or fails at.

    `message` is a sentence for people: it names the item or the field, and never contains a secret, a card id or a payload.
    """

    #: The error's name, the same in every language.
    code: str = "Internal"

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        #: Repeating the same call unchanged may succeed later, and can do no harm.
        self.retryable = retryable
'''

ERRORS_CONFLICT = '''
    #: A context's: as stored now, and what both sides changed.
    conflict: Optional[Conflict] = None
'''

ERRORS_TAIL = '''

def from_json(error: Dict[str, Any]) -> Error:
    """The error of an answer."""
    kind: Optional[Type[Error]] = _CLASSES.get(error["code"])
    made = (kind or Error)(error["message"], retryable=error["retryable"])
    if kind is None:
        made.code = error["code"]
    elif error.get("conflict") and isinstance(made, VersionConflict):
        from ._types import Conflict

        made.conflict = Conflict._read(error["conflict"])
    return made
'''


class Errors(Emitter):
    def text(self) -> str:
        errors = self.catalogue.errors.values()
        classes = [self.error_class(error) for error in errors]
        table = ["", "", "_CLASSES: Dict[str, Type[Error]] = {", *(f'    "{e.code}": {e.code},' for e in errors), "}"]
        exported = ["", "", "__all__ = [", '    "Error",', *(f'    "{e.code}",' for e in errors), "]", ""]
        return HEAD + ERRORS_HEAD + "".join(classes) + "\n".join(table) + "\n" + ERRORS_TAIL + "\n".join(exported)

    def error_class(self, error: ErrorCode) -> str:
        about = [sentence(error.meaning.replace("`current`", "`conflict.current`"))]
        if error.action and not error.action.startswith("as it says"):
            about.append(sentence("What to do: " + error.action.replace("`current`", "`conflict.current`")))
        lines = ["", "", f"class {error.code}(Error):", *docstring(about, 4), "", f'    code = "{error.code}"']
        return "\n".join(lines) + "\n" + (ERRORS_CONFLICT if error.code == "VersionConflict" else "")


# Types -------------------------------------------------------------------------------------------------------------------

TYPES_HEAD = '''"""What calls take and return.

Points in time are whole seconds since 1970-01-01 00:00 UTC; in an argument a datetime will do as well. Spans of time are seconds, in an
argument also a timedelta. Members that this version does not know are kept in `unknown`, and written back.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Literal, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from . import errors

#: JSON objects, as the library reads and writes them.
Json = Dict[str, Any]
#: A point in time that a program gives.
Time = Union[int, datetime.datetime]
#: A span of time that a program gives.
Seconds = Union[int, float, datetime.timedelta]
#: Bytes that a program gives.
Body = Union[bytes, bytearray, memoryview]

T = TypeVar("T")


class Unset:
    """Nothing, where None is a value: JSON's null."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


def maybe(read: Callable[..., T], value: Any, *bodies: Iterator[bytes]) -> Optional[T]:
    return None if value is None else read(value, *bodies)


def list_of(kind: Any, name: str, given: Any) -> List[Any]:
    """What a program gives as a list of `kind`: the bytes alone will do for each."""
    if isinstance(given, (str, bytes, bytearray, memoryview, dict, kind)) or not hasattr(given, "__iter__"):
        raise TypeError(f"{name} is a list of {kind.__name__} or bytes, not {type(given).__name__}")
    return [each if isinstance(each, kind) else kind(each) for each in given]
'''


class Types(Emitter):
    def text(self) -> str:
        parts, names = [], ["Body", "Seconds", "Time", "UNSET"]
        for named in self.catalogue.types.values():
            if named.name == "Error" or named.kind == "name":
                continue
            names.append(named.name)
            if named.kind == "enum":
                parts.append(self.enum(named))
            elif named.kind == "struct":
                parts.append(self.struct(named.name, named.help, named.fields, named))
            else:
                names += [alternative_class(named, a) for a in named.alternatives]
                parts.append(self.union(named))
        exported = ["", "", "__all__ = [", *(f'    "{name}",' for name in sorted(names)), "]", ""]
        return HEAD + TYPES_HEAD + "".join(parts) + "\n".join(exported)

    def enum(self, named: Named) -> str:
        lines = ["", "", *filled(sentence(named.help), 0, "#: ")]
        lines = ["", "", *(line if line.startswith("#") else "#: " + line.strip() for line in lines[2:])]
        values = ", ".join(f'"{value.value}"' for value in named.values)
        lines.append(f"{named.name} = Literal[{values}]")
        return "\n".join(lines) + "\n"

    def default(self, field: Field, reading_only: bool) -> Optional[str]:
        """The default as Python writes it; None: the field must be given."""
        if field.type.optional:
            return "UNSET" if field.type.required.name == "json" else "None"
        if field.default is not None:
            return self.written_default(field)
        if field.given != "required" and not reading_only:
            return '""' if field.type.name == "text" else "0"
        return None

    def written_default(self, field: Field) -> str:
        if field.type.name == "json":
            return repr(json.loads(field.default))
        if field.type.is_list:
            return "()"
        if field.type.is_map:
            return "field(default_factory=dict)"
        named = self.catalogue.types.get(field.type.name)
        if named is not None and named.kind == "struct":
            return f"field(default_factory=lambda: {named.name}())"
        return literal(field.default)

    def struct(self, name: str, help: str, fields: tuple[Field, ...], named: Optional[Named] = None,
               state: str = "") -> str:
        given = named is not None and named.given
        with_defaults = [(field, self.default(field, not given)) for field in fields]
        # What must be given comes first, or it could not be given by position.
        ordered = sorted(with_defaults, key=lambda pair: pair[1] is not None)
        lines = ["", "", "@dataclass(frozen=True)", f"class {name}:", *docstring([sentence(help)], 4), ""]
        for field, default in ordered:
            lines += [f"    #: {part.strip()}" for part in filled(described(field.help, field.limits), 7)]
            annotation = self.annotation(field.type, reading=not given or field.type.innermost.name in {"time"})
            lines.append(f"    {identifier(field.name)}: {annotation}" + ("" if default is None else f" = {default}"))
        if named is not None and named.open:
            lines += ["    #: Members that this version does not know.",
                      "    unknown: Mapping[str, Any] = field(default_factory=dict)"]
        if state:
            lines.append(f'    state: Literal["{state}"] = "{state}"')
        lines += ["", *self.read_method(name, fields, named)]
        if given:
            lines += ["", *self.wire_method(name, fields, named)]
        if named is not None and named.open:
            lines += self.known_members(name, fields)
        return "\n".join(lines) + "\n"

    def read_method(self, name: str, fields: tuple[Field, ...], named: Optional[Named]) -> list[str]:
        bodies = ", bodies: Iterator[bytes]" if any(self.carries_bytes(f.type) for f in fields) else ""
        lines = ["    @classmethod", f"    def _read(cls, json: Json{bodies}) -> {name}:"]
        lines.append("        return cls(")
        for field in fields:
            lines.append(f"            {identifier(field.name)}={self.read(field.type, self.member(field))},")
        if named is not None and named.open:
            lines.append(f"            unknown={{name: value for name, value in json.items() if name not in _{snake(name).upper()}}},")
        return [*lines, "        )"]

    def known_members(self, name: str, fields: tuple[Field, ...]) -> list[str]:
        known = ", ".join(f'"{field.json}"' for field in fields)
        return ["", "", *textwrap.wrap(f"_{snake(name).upper()} = frozenset(({known},))", WIDTH, subsequent_indent="    ",
                                       break_long_words=False)]

    def member(self, field: Field) -> str:
        if field.type.optional and field.type.required.name == "json":
            return f'json.get("{field.json}", UNSET)'
        if field.type.optional:
            return f'json.get("{field.json}")'
        if field.default is not None or field.given == "never" and field.type.name in {"text", "time"}:
            default = "()" if field.type.is_list else self.plain_default(field)
            return f'json.get("{field.json}", {default})'
        return f'json["{field.json}"]'

    def plain_default(self, field: Field) -> str:
        if field.type.name == "json":
            return repr(json.loads(field.default))
        if field.default is None:
            return '""' if field.type.name == "text" else "0"
        return literal(field.default)

    def wire_method(self, name: str, fields: tuple[Field, ...], named: Optional[Named]) -> list[str]:
        lines = ["    def _wire(self) -> Json:"]
        certain = [f for f in fields if f.type.innermost.name != "bytes" and not f.type.optional and f.given == "required"]
        if named is not None and named.open:
            lines.append("        json: Json = dict(self.unknown)")
        else:
            lines.append("        json: Json = {}")
        for field in fields:
            if field.type.innermost.name == "bytes":
                continue
            mine = f"self.{identifier(field.name)}"
            write = f'json["{field.json}"] = {mine}'
            if field in certain:
                lines.append(f"        {write}")
            elif field.type.optional:
                nothing = "UNSET" if field.type.required.name == "json" else "None"
                lines += [f"        if {mine} is not {nothing}:", f"            {write}"]
            elif field.type.name == "json" or field.type.is_list or field.type.is_map:
                lines.append(f"        {write}")
            elif field.given == "never" or field.default is None:
                lines += [f"        if {mine}:", f"            {write}"]
            else:
                lines.append(f"        {write}")
        return [*lines, "        return json"]

    def union(self, named: Named) -> str:
        parts = [self.struct(alternative_class(named, a), a.help, (*a.fields, *named.fields), None, a.value)
                 for a in named.alternatives]
        classes = [alternative_class(named, a) for a in named.alternatives]
        lines = ["", "", f"#: {sentence(named.help)} `state` says which.", f"{named.name} = Union["]
        lines += [f"    {each}," for each in classes]
        lines += ["]", "", "", f"def read_{snake(named.name)}(json: Json) -> {named.name}:",
                  f'    made: {named.name} = _{snake(named.name).upper()}[json["state"]](json)', "    return made", "", ""]
        lines.append(f"_{snake(named.name).upper()}: Dict[str, Callable[[Json], Any]] = {{")
        lines += [f'    "{a.value}": {alternative_class(named, a)}._read,' for a in named.alternatives]
        lines.append("}")
        return "".join(parts) + "\n".join(lines) + "\n"


def alternative_class(named: Named, alternative: Alternative) -> str:
    return named.name.removesuffix("Outcome") + alternative.cpp
