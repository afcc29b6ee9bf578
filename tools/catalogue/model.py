"""The catalogue of calls: reads catalogue/*.toml, checks it, and gives it to whoever writes something from it.

    from catalogue.model import load
    catalogue = load(folder)                # raises Flaw, which names file and place, if the data is not sound
    catalogue.calls["documents.put"]        # in the order of the files in ORDER, then of each file
    catalogue.types["Document"], catalogue.errors["NotFound"], catalogue.commands["doc put"]

A call over JSON (the C interface, and Python over it): the request is one object whose members are the call's parameters by `name`, the
answer is its result. A member that is absent or null has its default, with one exception: null of type `json?` is the JSON value
null. Everything of type `bytes`, wherever it stands, is not in the JSON: the buffers hold it, in the order in which it would stand
there. In an answer, a member of an optional type may be absent or null, and one with a default may be absent. A time of 0 means none
where the type is `time?`. A struct with `open` keeps members that this version does not know.

A type is written as text:

    T?     T, or nothing (absent or null)
    [T]    a list of T, in order
    {T}    an object whose members have any name and are all T
    Name   a type of types.toml, or one of BASIC:
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator, Optional

BASIC = {
    "void": "nothing: null",
    "bool": "true or false",
    "u16": "a whole number, 0 to 65,535",
    "u32": "a whole number, 0 to 4,294,967,295",
    "u64": "a whole number, 0 to 18,446,744,073,709,551,615",
    "f64": "a number",
    "number": "a JSON number, kept as its text so that it loses no digit",
    "text": "UTF-8",
    "time": "a point in time: whole seconds since 1970-01-01 00:00 UTC",
    "duration": "a span of time: whole seconds",
    "fine_duration": "a span of time: seconds, with up to three decimals",
    "json": "any JSON value, in place",
    "bytes": "any bytes: a buffer beside the JSON",
    "none": "nothing that JSON could carry: only C++ has it",
}
SIZED = {"text", "bytes", "json"}
NUMBERS = {"u16", "u32", "u64", "f64", "duration", "fine_duration"}

# The files of calls, in the order in which people read about them.
ORDER = ("store", "context", "cards", "transactions", "sessions", "captures", "location", "users", "documents", "questions", "pepper",
         "backup")
NOT_CALLS = {"types", "errors", "shared"}
# How a call asks: `read` and `write` ask the engine; `local` does not.
ACCESS = {"read", "write", "local"}
# The first parameter of a call on a reader or a writer.
HANDLES = {"reader": "The number that `documents.reader.open` answered", "writer": "The number that `documents.writer.open` answered"}


class Flaw(Exception):
    """What is wrong with the data, and where."""


@dataclass(frozen=True)
class Type:
    """A type as it is written. Exactly one of `name` and `of` is set."""

    text: str
    name: str = ""
    optional: bool = False
    of: Optional["Type"] = None  # of a list or a map
    is_list: bool = False
    is_map: bool = False

    @property
    def required(self) -> "Type":
        """The same without its `?`."""
        return parse_type(self.text[:-1]) if self.optional else self

    @property
    def innermost(self) -> "Type":
        return self.of.innermost if self.of else self


def parse_type(text: str) -> Type:
    if text.endswith("?"):
        inner = parse_type(text[:-1])
        if inner.optional:
            raise Flaw(f"type {text}: optional twice")
        return Type(text, inner.name, True, inner.of, inner.is_list, inner.is_map)
    for opening, closing in ("[]", "{}"):
        if text.startswith(opening) and text.endswith(closing):
            return Type(text, of=parse_type(text[1:-1]), is_list=opening == "[", is_map=opening == "{")
    if not re.fullmatch(r"[A-Za-z]\w*", text):
        raise Flaw(f"type {text!r} is not written as a type")
    return Type(text, name=text)


@dataclass(frozen=True)
class Value:
    """One value of an enum: in JSON, and its C++ enumerator."""

    value: str
    cpp: str
    help: str


@dataclass(frozen=True)
class Limits:
    """What is allowed: `min` and `max` of a number, or of the size of a text, of bytes or of a list, in `unit`."""

    min: Optional[int] = None
    max: Optional[int] = None
    unit: str = ""
    pattern: str = ""  # of the whole text


@dataclass(frozen=True)
class Field:
    """A member of a struct. `name` is the member in C++ and the attribute in Python."""

    name: str
    type: Type
    help: str
    json: str  # its name in JSON
    cpp: str  # the path to it in C++; "": it comes from the call and not from the C++ value
    # When a call is given the struct: "required", "optional" (absent: the default) or "never" (refused).
    given: str
    default: Any  # None: there is none. For type json: JSON text
    limits: Limits


@dataclass(frozen=True)
class Alternative:
    value: str  # of "state"
    cpp: str
    help: str
    fields: tuple[Field, ...]


@dataclass
class Named:
    """A type of types.toml."""

    name: str
    kind: str  # name, enum, struct, union
    help: str
    cpp: str
    limits: Limits = Limits()
    values: tuple[Value, ...] = ()  # of an enum
    fields: tuple[Field, ...] = ()  # of a struct; what all alternatives of a union have
    alternatives: tuple[Alternative, ...] = ()  # of a union
    open: bool = False
    page_of: str = ""
    given: bool = False  # a call takes it
    answered: bool = False  # a call, or an error, returns it

    def all_fields(self) -> Iterator[Field]:
        yield from self.fields
        for alternative in self.alternatives:
            yield from alternative.fields


@dataclass(frozen=True)
class Parameter:
    name: str  # in C++, in JSON and in Python
    type: Type
    help: str
    required: bool
    option: bool  # by name only, in every language
    default: Any  # None: nothing, or there is none. For type json: JSON text
    limits: Limits
    cpp: str  # the path in C++: "document.body" is a member of the argument `document`
    only_in: str  # "C++" or "C and Python": the others do not know it. "": all do

    @property
    def over_json(self) -> bool:
        """The C interface and Python know it."""
        return self.only_in != "C++"

    @property
    def in_cpp(self) -> bool:
        return self.only_in != "C and Python"


@dataclass(frozen=True)
class Example:
    # Bytes stand in place, as text; "{add_capture.capture.id}" is taken from what that call of `after` answered.
    request: dict[str, Any]
    after: tuple[str, ...]  # the calls whose examples come before
    cpp: str  # where the C++ cannot be told from the request


@dataclass(frozen=True)
class Call:
    name: str
    group: str
    summary: str
    details: str
    cpp: str  # "Class::method", or a function; "": C++ has no such call
    header: str
    access: str  # read, write, local
    handle: str  # reader, writer: its first parameter is that number; "": it is about a store
    ends_handle: bool
    store: bool  # False: it needs no open store
    parameters: tuple[Parameter, ...]  # with `request_id` and `timeout`, which come last
    excludes: tuple[tuple[str, str], ...]  # pairs of parameters that cannot be given together
    result: Type
    result_help: str
    errors: tuple[str, ...]  # beside those that any call may have (errors.toml, `from`)
    repeatable: bool  # a write without a request id may be repeated after OutcomeUnknown and does no harm
    repeated: str  # what repeating it without a request id does
    takes_function: bool  # in C++ it takes a function; not callable by name
    only_in: str  # "", or who has it, with a reason
    command: str  # "": none
    no_command: str  # the reason
    example: Example

    @property
    def takes_request_id(self) -> bool:
        return any(p.name == "request_id" for p in self.parameters)

    @property
    def by_name(self) -> bool:
        """The C interface knows it."""
        return not self.takes_function and not self.only_in.startswith("C++")

    @property
    def method(self) -> str:
        return self.name.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class CommandParameter:
    kind: str  # positional, repeated, option, options, flag
    name: str  # "USER", "--last4"
    value: str  # what the value is called
    help: str
    required: bool
    choices: tuple[str, ...]
    of: str  # the call's parameter that it becomes; "": none alone


@dataclass(frozen=True)
class Command:
    words: str
    calls: tuple[str, ...]  # the first is the one whose parameters it speaks of
    summary: str
    details: str
    example: str  # without "loopstate "
    files: dict[str, str]  # what the example finds in its folder
    after: tuple[str, ...]  # the commands whose examples come before
    status: int  # the example's exit status
    parameters: tuple[CommandParameter, ...]


@dataclass(frozen=True)
class ErrorCode:
    code: str
    meaning: str
    action: str
    exit: int
    retryable: str  # always, may be, never
    source: str  # any, write, store, remote; "": only calls that list it


@dataclass(frozen=True)
class Group:
    name: str
    title: str
    summary: str
    header: str
    details: str
    calls: tuple[str, ...]


@dataclass
class Catalogue:
    types: dict[str, Named] = field(default_factory=dict)
    errors: dict[str, ErrorCode] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)

    def named(self, type_: Type) -> Optional[Named]:
        """The type of types.toml that this one is or is made of; None for a basic one."""
        return self.types.get(type_.innermost.name)

    def fields_of(self, name: str) -> tuple[Field, ...]:
        return self.types[name].fields

    def errors_of(self, call: Call) -> list[str]:
        """Every code that the call may have, its own first."""
        sources = {"any"}
        if call.access != "local":
            sources |= {"store", "remote"}
        if call.access == "write":
            sources.add("write")
        rest = [e.code for e in self.errors.values() if e.source in sources and e.code not in call.errors]
        if call.access == "write" and not call.takes_request_id:
            rest.remove("RequestIdReused")
        return [*call.errors, *rest]

    def before(self, call: str) -> list[str]:
        """The calls whose examples come before this one's, in order, each once."""
        order: list[str] = []

        def visit(name: str) -> None:
            for earlier in self.calls[name].example.after:
                visit(earlier)
                if earlier not in order:
                    order.append(earlier)

        visit(call)
        return order

    def commands_before(self, words: str) -> list[str]:
        order: list[str] = []

        def visit(name: str) -> None:
            for earlier in self.commands[name].after:
                visit(earlier)
                if earlier not in order:
                    order.append(earlier)

        visit(words)
        return order


def load(folder: Path) -> Catalogue:
    from catalogue.reader import read  # the reading and checking, so that this file is the description alone

    return read(folder)
