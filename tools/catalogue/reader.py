"""Reads the catalogue's files and checks that they fit together. model.py describes the result."""

import re
import tomllib
from pathlib import Path
from typing import Any, Callable, Iterable

from catalogue.model import (ACCESS, BASIC, HANDLES, NOT_CALLS, NUMBERS, ORDER, SIZED, Alternative, Call, Catalogue, Command,
                             CommandParameter, ErrorCode, Example, Field, Flaw, Group, Limits, Named, Parameter, Type, Value,
                             parse_type)

LIMITS = {"min", "max", "unit", "pattern"}
NAME_BYTES_MAX = 200


class Table:
    """A table of a file that must be used up: a member that nobody asked for is a misspelt one."""

    def __init__(self, where: str, data: Any):
        if not isinstance(data, dict):
            raise Flaw(f"{where}: expected a table, found {data!r}")
        self.where, self.data, self.left = where, data, set(data)

    def take(self, name: str, kind: type, default: Any = ...) -> Any:
        self.left.discard(name)
        if name not in self.data:
            if default is ...:
                raise Flaw(f"{self.where}: {name} is missing")
            return default
        value = self.data[name]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Flaw(f"{self.where}: {name} must be {kind.__name__}, found {value!r}")
        return value

    def any(self, name: str) -> Any:
        self.left.discard(name)
        return self.data.get(name)

    def limits(self) -> Limits:
        return Limits(self.take("min", int, None), self.take("max", int, None), self.take("unit", str, ""),
                      self.take("pattern", str, ""))

    def end(self) -> None:
        if self.left:
            raise Flaw(f"{self.where}: what is {', '.join(sorted(self.left))}?")


def sentence(where: str, text: str) -> str:
    """A help text: it begins with a capital or a code, is one line, and needs no full stop."""
    if not text or text != text.strip() or "\n" in text or text.endswith(".") or text[0].islower():
        raise Flaw(f"{where}: {text!r} should be one line that begins with a capital letter and ends without a full stop")
    return text


def texts(where: str, values: Iterable[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise Flaw(f"{where}: expected texts, found {values!r}")
    return tuple(values)


def checked_default(where: str, type_: Type, default: Any) -> Any:
    if default is None:
        return None
    fits: dict[str, Callable[[Any], bool]] = {
        "bool": lambda v: isinstance(v, bool), "text": lambda v: isinstance(v, str), "json": lambda v: isinstance(v, str)}
    number = type_.name in NUMBERS or type_.name == "time"
    good = fits.get(type_.name, lambda v: isinstance(v, int) and not isinstance(v, bool) if number else True)
    if type_.optional or not good(default):
        raise Flaw(f"{where}: {default!r} is no default of {type_.text}")
    return default


def read_field(where: str, data: Any) -> Field:
    table = Table(where, data)
    name = table.take("name", str)
    where = table.where = f"{where}.{name}"
    type_ = parse_type(table.take("type", str))
    default = checked_default(where, type_, table.any("default"))
    given = table.take("given", str, "optional" if type_.optional or default is not None else "required")
    if given not in {"required", "optional", "never"}:
        raise Flaw(f"{where}: given is {given!r}")
    made = Field(name, type_, sentence(where, table.take("help", str)), table.take("json", str, name), table.take("cpp", str, name),
                 given, default, table.limits())
    table.end()
    return made


def read_fields(where: str, data: list[Any]) -> tuple[Field, ...]:
    fields = tuple(read_field(where, one) for one in data)
    for names in ([f.name for f in fields], [f.json for f in fields]):
        if len(set(names)) != len(names):
            raise Flaw(f"{where}: a field stands twice")
    return fields


def page_fields(entry: str) -> tuple[Field, ...]:
    def one(name: str, type_: str, help_: str) -> Field:
        return Field(name, parse_type(type_), help_, name, name, "never", None, Limits())

    return (one("entries", f"[{entry}]", "May be empty, and there may still be a next page"),
            one("next", "text?", "Where the next page begins (`after`); absent: this was the last one"),
            one("unreadable", "u64", "Items that cannot be read and may belong to the answer"),
            one("cost", "ReadCost", "What the page took"))


def read_type(name: str, data: Any) -> Named:
    table = Table(f"types.toml: {name}", data)
    kind = table.take("kind", str)
    made = Named(name, kind, sentence(table.where, table.take("help", str)), table.take("cpp", str, name))
    if kind == "name":
        made.limits = Limits(table.take("min_bytes", int, 1), table.take("max_bytes", int, NAME_BYTES_MAX), "bytes",
                             table.take("pattern", str, ""))
    elif kind == "enum":
        made.values = tuple(Value(v["value"], v["cpp"], sentence(table.where, v["help"])) for v in table.take("values", list))
    elif kind == "struct":
        made.page_of = table.take("page_of", str, "")
        made.fields = page_fields(made.page_of) if made.page_of else read_fields(table.where, table.take("fields", list))
        made.open = table.take("open", bool, False)
    elif kind == "union":
        made.fields = read_fields(table.where, table.take("fields", list, []))
        alternatives = []
        for value, one in table.take("alternative", dict).items():
            inner = Table(f"{table.where}.{value}", one)
            alternatives.append(Alternative(value, inner.take("cpp", str), sentence(inner.where, inner.take("help", str)),
                                            read_fields(inner.where, inner.take("fields", list))))
            inner.end()
        made.alternatives = tuple(alternatives)
    else:
        raise Flaw(f"{table.where}: kind is {kind!r}")
    table.end()
    return made


def read_parameter(where: str, data: Any, shared: dict[str, Any]) -> Parameter:
    name = ""
    if isinstance(data, str):
        if data not in shared:
            raise Flaw(f"{where}: shared.toml has no {data!r}")
        name, data = data, shared[data]
    table = Table(where, data)
    name = table.take("name", str, name)
    if not name:
        raise Flaw(f"{where}: a parameter without a name")
    where = table.where = f"{where}({name})"
    type_ = parse_type(table.take("type", str))
    default = checked_default(where, type_, table.any("default"))
    made = Parameter(name, type_, sentence(where, table.take("help", str)), not type_.optional and default is None,
                     table.take("option", bool, False), default, table.limits(), table.take("cpp", str, name),
                     table.take("only_in", str, ""))
    if made.option and made.required and not made.only_in:
        raise Flaw(f"{where}: an option needs a default, or a type that may be absent")
    table.end()
    return made


def read_example(where: str, data: Any) -> Example:
    table = Table(where, data)
    made = Example(table.take("request", dict), texts(where, table.take("after", list, [])), table.take("cpp", str, ""))
    table.end()
    return made


def read_call(name: str, data: Any, file: Table, group: str, shared: dict[str, Any]) -> Call:
    table = Table(f"{file.where}: {name}", data)
    where = table.where
    access = table.take("access", str)
    if access not in ACCESS:
        raise Flaw(f"{where}: access is {access!r}")
    handle = table.take("handle", str, "")
    parameters = [read_parameter(where, one, shared) for one in table.take("parameters", list)]
    if handle:
        parameters.insert(0, Parameter(handle, parse_type("u64"), HANDLES[handle], True, False, None, Limits(), "", "C and Python"))
    takes_function = table.take("takes_function", bool, False)
    if table.take("request_id", bool, access == "write"):
        parameters.append(read_parameter(where, "request_id", shared))
    if table.take("timeout", bool, access != "local"):
        parameters.append(read_parameter(where, "timeout", shared))
    if len({p.name for p in parameters}) != len(parameters):
        raise Flaw(f"{where}: a parameter stands twice")
    first_option = next((i for i, p in enumerate(parameters) if p.option), len(parameters))
    if any(not p.option for p in parameters[first_option:]):
        raise Flaw(f"{where}: options come last")
    repeatable = table.take("repeatable", bool, ... if access == "write" else True)
    made = Call(name, group, sentence(where, table.take("summary", str)), table.take("details", str, ""),
                table.take("cpp", str), table.take("header", str, file.data["header"]), access, handle,
                table.take("ends_handle", bool, False), table.take("store", bool, True), tuple(parameters),
                tuple((a, b) for a, b in table.take("excludes", list, [])), parse_type(table.take("result", str)),
                table.take("result_help", str, ""), texts(where, table.take("errors", list, [])), repeatable,
                table.take("repeated", str, ""), takes_function, table.take("only_in", str, ""), table.take("command", str, ""),
                table.take("no_command", str, ""), read_example(where, table.take("example", dict)))
    table.end()
    return made


def read_command_parameter(where: str, data: Any, call: Call, choices: Callable[[Type], tuple[str, ...]]) -> CommandParameter:
    table = Table(where, data)
    kinds = [kind for kind in ("positional", "repeated", "option", "options", "flag") if kind in table.data]
    if len(kinds) != 1:
        raise Flaw(f"{where}: a parameter is one of positional, repeated, option, options, flag: {data!r}")
    kind = kinds[0]
    name = table.take(kind, str)
    where = table.where = f"{where} {name}"
    of = table.take("of", str, "")
    meant = next((p for p in call.parameters if p.name == of), None)
    if of and meant is None:
        raise Flaw(f"{where}: {call.name} has no parameter {of!r}")
    help_ = table.take("help", str, "")
    if not help_ and meant is None:
        raise Flaw(f"{where}: neither `help` nor a parameter that has one")
    required = meant.required if meant else kind in {"positional", "repeated"}
    required = not table.take("optional", bool, not required)
    if kind in {"option", "options", "flag"}:
        required = False
    given = texts(where, table.take("choices", list, []))
    made = CommandParameter(kind, name, table.take("value", str, "" if kind in {"positional", "flag"} else ...),
                            sentence(where, help_) if help_ else with_limits(meant), required,
                            given or (choices(meant.type) if meant else ()), of)
    table.end()
    return made


def number_text(number: int) -> str:
    return f"{number:,}"


def limits_text(parameter: Parameter) -> str:
    """What a person is told of a number's range and default: "1 to 1,000; default 100"."""
    if parameter.type.name not in {"u16", "u32", "u64", "duration"}:
        return ""
    least, most, default = parameter.limits.min, parameter.limits.max, parameter.default
    parts = []
    if least is not None and most is not None:
        parts.append(f"{number_text(least)} to {number_text(most)}")
    elif least:
        parts.append(f"at least {number_text(least)}")
    elif most is not None:
        parts.append(f"at most {number_text(most)}")
    if default:
        parts.append(f"default {number_text(default)}")
    return "; ".join(parts)


def with_limits(parameter: Parameter) -> str:
    limits = limits_text(parameter)
    return f"{parameter.help} ({limits})" if limits else parameter.help


def read_command(words: str, data: Any, where: str, catalogue: Catalogue) -> Command:
    table = Table(f"{where}: {words}", data)
    where = table.where
    calls = texts(where, table.take("call", list))
    for name in calls:
        if name not in catalogue.calls:
            raise Flaw(f"{where}: there is no call {name!r}")
    call = catalogue.calls[calls[0]]

    def choices(type_: Type) -> tuple[str, ...]:
        named = catalogue.named(type_)
        return tuple(v.value for v in named.values) if named and named.kind == "enum" else ()

    parameters = tuple(read_command_parameter(where, one, call, choices) for one in table.take("parameters", list))
    made = Command(words, calls, sentence(where, table.take("summary", str, catalogue.calls[calls[-1]].summary)),
                   table.take("details", str, "").strip("\n"), table.take("example", str), table.take("files", dict, {}),
                   texts(where, table.take("after", list, [])), table.take("status", int, 0), parameters)
    table.end()
    return made


def check_uses(catalogue: Catalogue) -> None:
    """Every type that is named exists; marks those that calls take and return."""

    def reach(where: str, type_: Type, mark: str) -> None:
        name = type_.innermost.name
        if name in BASIC:
            return
        named = catalogue.types.get(name)
        if named is None:
            raise Flaw(f"{where}: there is no type {name}")
        if getattr(named, mark):
            return
        setattr(named, mark, True)
        for one in named.all_fields():
            if mark == "given" and one.given == "never":
                continue
            reach(f"types.toml: {name}.{one.name}", one.type, mark)

    for call in catalogue.calls.values():
        for parameter in call.parameters:
            reach(call.name, parameter.type, "given")
        reach(call.name, call.result, "answered")
    reach("types.toml", parse_type("Error"), "answered")
    for named in catalogue.types.values():
        for one in named.all_fields():
            reach_name = one.type.innermost.name
            if reach_name not in BASIC and reach_name not in catalogue.types:
                raise Flaw(f"types.toml: {named.name}.{one.name}: there is no type {reach_name}")
        if not named.given and not named.answered:
            raise Flaw(f"types.toml: no call takes or returns {named.name}")


def check_limits(where: str, type_: Type, limits: Limits) -> None:
    sized = type_.name in SIZED or type_.is_list or type_.is_map
    bounded = limits.min is not None or limits.max is not None
    if bounded and not sized and type_.name not in NUMBERS:
        raise Flaw(f"{where}: {type_.text} has no range")
    if bounded and sized and not limits.unit:
        raise Flaw(f"{where}: the range of a {type_.text} needs a unit")
    if limits.min is not None and limits.max is not None and limits.min > limits.max:
        raise Flaw(f"{where}: min is over max")
    if limits.pattern:
        re.compile(limits.pattern)


def check_calls(catalogue: Catalogue) -> None:
    for call in catalogue.calls.values():
        for code in call.errors:
            if code not in catalogue.errors:
                raise Flaw(f"{call.name}: errors.toml has no {code}")
        names = {p.name for p in call.parameters}
        for pair in call.excludes:
            if not set(pair) <= names:
                raise Flaw(f"{call.name}: excludes {pair} names no parameters of it")
        for parameter in call.parameters:
            check_limits(f"{call.name}({parameter.name})", parameter.type, parameter.limits)
        if bool(call.command) == bool(call.no_command):
            raise Flaw(f"{call.name}: either `command`, or `no_command` with the reason")
        if call.command and call.command not in catalogue.commands:
            raise Flaw(f"{call.name}: there is no command {call.command!r}")
        if call.command and call.name not in catalogue.commands[call.command].calls:
            raise Flaw(f"{call.name}: the command {call.command!r} does not name it")
        known = {p.name for p in call.parameters if not p.only_in}
        needed = {p.name for p in call.parameters if p.required and not p.only_in}
        given = set(call.example.request)
        if given - known or needed - given:
            raise Flaw(f"{call.name}: its example gives {sorted(given)}, the call takes {sorted(known)}, needs {sorted(needed)}")
        for earlier in call.example.after:
            if earlier not in catalogue.calls:
                raise Flaw(f"{call.name}: its example comes after {earlier!r}, which is no call")
    for named in catalogue.types.values():
        for one in named.all_fields():
            check_limits(f"types.toml: {named.name}.{one.name}", one.type, one.limits)
    for command in catalogue.commands.values():
        for earlier in command.after:
            if earlier not in catalogue.commands:
                raise Flaw(f"{command.words}: its example comes after {earlier!r}, which is no command of the catalogue")
        if command.example.split()[: len(command.words.split())] != command.words.split():
            raise Flaw(f"{command.words}: its example is of another command: {command.example!r}")


def read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise Flaw(f"{file.name}: {problem}") from None


def read_error(code: str, data: Any) -> ErrorCode:
    table = Table(f"errors.toml: {code}", data)
    made = ErrorCode(code, table.take("meaning", str), table.take("action", str, ""), table.take("exit", int),
                     table.take("retryable", str), table.take("from", str, ""))
    if made.retryable not in {"always", "may be", "never"} or made.source not in {"", "any", "write", "store", "remote"}:
        raise Flaw(f"{table.where}: retryable is {made.retryable!r}, from is {made.source!r}")
    table.end()
    return made


def read(folder: Path) -> Catalogue:
    catalogue = Catalogue()
    catalogue.types = {name: read_type(name, data) for name, data in read_file(folder / "types.toml").items()}
    catalogue.errors = {code: read_error(code, data) for code, data in read_file(folder / "errors.toml").items()}
    shared = read_file(folder / "shared.toml")
    present = {path.stem for path in folder.glob("*.toml")} - NOT_CALLS
    if unknown := present - set(ORDER):
        raise Flaw(f"the order of {', '.join(sorted(unknown))} is not known: ORDER in model.py")
    commands = []
    for stem in (name for name in ORDER if name in present):
        file = Table(f"{stem}.toml", read_file(folder / f"{stem}.toml"))
        if file.take("group", str) != stem:
            raise Flaw(f"{file.where}: its group has the name of the file")
        calls = [read_call(name, data, file, stem, shared) for name, data in file.take("call", dict).items()]
        for call in calls:
            if call.name in catalogue.calls:
                raise Flaw(f"{file.where}: {call.name} stands twice")
            catalogue.calls[call.name] = call
        catalogue.groups[stem] = Group(stem, file.take("title", str), sentence(file.where, file.take("summary", str)),
                                       file.take("header", str), file.take("details", str, "").strip("\n"),
                                       tuple(call.name for call in calls))
        commands += [(file.where, words, data) for words, data in file.take("command", dict, {}).items()]
        file.end()
    for where, words, data in commands:
        catalogue.commands[words] = read_command(words, data, where, catalogue)
    check_uses(catalogue)
    check_calls(catalogue)
    return catalogue
