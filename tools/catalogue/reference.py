"""docs/reference.md: every call, for people, in JSON, on the command line and in Python."""

import json
from typing import Any, Iterator

from catalogue.model import BASIC, Call, Catalogue, Field, Limits, Named, Parameter, Type
from catalogue.python_text import identifier, sentence
from catalogue.reader import number_text

HEAD = """<!-- Written by tools/generate-catalogue from catalogue/*.toml. -->
# Reference of the calls

Every call of the library once, with the names that all languages share. In C++ the calls are methods of `Store`, `Documents` and `Questions`,
in Python of `store`, `store.documents` and `store.questions`; the library for C ([c-interface.md](c-interface.md)) takes a call's name and a
JSON object with its parameters. A parameter marked *option* is given by name in every language, and may be left out.

Examples show a call by its name and JSON, as the library for C takes it, then as a command, then in Python, where `store` is what
`loopstate.open` returned. What stands in braces there, and `answer` in Python, is from what the call named in it answered.
"""

ERRORS = """
## Errors of every call

A call lists the errors that belong to it. Beside those, any call may answer with: {any}; a call that writes also with: {write}; one that asks
the engine with: {store}; on the way to a remote store, with: {remote}. [errors.md](errors.md) says what to do about each.
"""


def emit(catalogue: Catalogue) -> dict[str, str]:
    return {"docs/reference.md": "".join(Reference(catalogue).text())}


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def range_text(limits: Limits) -> str:
    least, most = limits.min, limits.max
    if least is not None and most is not None:
        text = number_text(least) if least == most else f"{number_text(least)} to {number_text(most)}"
    elif most is not None:
        text = f"at most {number_text(most)}"
    elif least:
        text = f"at least {number_text(least)}"
    else:
        text = ""
    parts = [part for part in (f"{text} {limits.unit}".strip(), f"`{limits.pattern}`" if limits.pattern else "") if part]
    return ", ".join(parts)


def default_text(type_: Type, default: Any) -> str:
    if default is None:
        return ""
    return f"`{default if type_.name == 'json' else json.dumps(default)}`"


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def heading(named: Named) -> str:
    """Other than a call's: `claim` answers a Claim, and GitHub makes the same anchor of both."""
    return f"{named.name} (type)"


def one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class Reference:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def text(self) -> Iterator[str]:
        yield HEAD
        yield "\n## Contents\n\n"
        for group in self.catalogue.groups.values():
            calls = ", ".join(f"[`{name}`](#{anchor(name)})" for name in group.calls)
            yield f"- [{group.title}](#{anchor(group.title)}): {calls}\n"
        yield "- [Types](#types)\n"
        sources = {source: ", ".join(f"`{e.code}`" for e in self.catalogue.errors.values() if e.source == source)
                   for source in ("any", "write", "store", "remote")}
        yield ERRORS.format(**sources)
        for group in self.catalogue.groups.values():
            yield f"\n## {group.title}\n\n{sentence(group.summary)}\n"
            if group.details:
                yield f"\n{group.details}\n"
            for name in group.calls:
                yield from self.call(self.catalogue.calls[name])
        yield from self.types()

    # A call ------------------------------------------------------------------------------------------------------------

    def call(self, call: Call) -> Iterator[str]:
        yield f"\n### `{call.name}`\n\n{sentence(call.summary)}"
        yield f" {call.details}\n" if call.details else "\n"
        where = self.where(call)
        if where:
            yield f"\n{where}\n"
        if call.parameters:
            yield "\n| parameter | type | range | default | |\n|---|---|---|---|---|\n"
            for parameter in call.parameters:
                yield self.parameter(parameter)
        for first, second in call.excludes:
            yield f"\n`{first}` and `{second}` exclude each other.\n"
        result = "nothing" if call.result.name == "void" else self.type_text(call.result)
        yield f"\nResult: {result}" + (f". {sentence(call.result_help)}\n" if call.result_help else ".\n")
        if call.errors:
            yield f"\nErrors: {', '.join(f'`{code}`' for code in call.errors)}.\n"
        if call.access == "write":
            yield f"\n{self.repetition(call)}\n"
        yield from self.example(call)

    def where(self, call: Call) -> str:
        parts = []
        if call.cpp:
            parts.append(f"C++: `{call.cpp}` ([{call.header}](../include/{call.header}))")
        if call.takes_function:
            parts.append("not callable by name; in Python a loop over `fetch` and `push`")
        elif call.only_in:
            parts.append(f"only in {call.only_in}")
        parts.append(f"command: `{call.command}`" if call.command else f"no command: {call.no_command[:1].lower() + call.no_command[1:]}")
        return "; ".join(parts) + "."

    def parameter(self, parameter: Parameter) -> str:
        help_ = sentence(parameter.help)
        if parameter.only_in:
            help_ += f" Only in {parameter.only_in}."
        option = " *option*" if parameter.option else ""
        cells = [f"`{parameter.name}`{option}", self.type_text(parameter.type), range_text(parameter.limits),
                 default_text(parameter.type, parameter.default), help_]
        return "| " + " | ".join(map(cell, cells)) + " |\n"

    def type_text(self, type_: Type) -> str:
        named = self.catalogue.named(type_)
        return f"[`{type_.text}`](#{anchor(heading(named))})" if named else f"`{type_.text}`"

    def repetition(self, call: Call) -> str:
        how = "with the same request id" if call.takes_request_id else ""
        if call.repeatable:
            text = "May be repeated after `OutcomeUnknown`"
            return sentence(text + (": " + call.repeated[:1].lower() + call.repeated[1:] if call.repeated else ""))
        text = f"Repeat it after `OutcomeUnknown` only {how}" if how else "Not to be repeated after `OutcomeUnknown`"
        return sentence(text + (". Without: " + call.repeated[:1].lower() + call.repeated[1:] if call.repeated else ""))

    def example(self, call: Call) -> Iterator[str]:
        if call.by_name:
            members, buffers = self.request(call)
            rest = f"; buffers: {', '.join(map(one_line, buffers))}" if buffers else ""
            yield f"\n```\n{call.name} {one_line(members)}{rest}\n```\n"
        if call.command:
            yield f"```sh\nloopstate {self.catalogue.commands[call.command].example}\n```\n"
        if call.by_name:
            yield f"```python\n{self.python(call)}\n```\n"

    def request(self, call: Call) -> tuple[dict[str, Any], list[str]]:
        members: dict[str, Any] = {call.handle: 1} if call.handle else {}
        buffers: list[str] = []

        def write(type_: Type, value: Any) -> Any:
            if type_.is_list:
                return [write(type_.of, each) for each in value]
            named = self.catalogue.types.get(type_.name)
            if named is None or named.kind != "struct":
                return value
            made = {}
            for one in named.fields:
                if one.json in value and one.type.innermost.name == "bytes":
                    buffers.append(value[one.json])
                elif one.json in value:
                    made[one.json] = write(one.type, value[one.json])
            return made | {name: each for name, each in value.items() if name not in {f.json for f in named.fields}}

        for parameter in call.parameters:
            if parameter.name not in call.example.request:
                continue
            value = call.example.request[parameter.name]
            if parameter.type.innermost.name == "bytes":
                buffers.append(value)
            else:
                members[parameter.name] = write(parameter.type, value)
        return members, buffers

    def python(self, call: Call) -> str:
        given = []
        for parameter in call.parameters:
            if parameter.name in call.example.request:
                value = self.python_value(parameter.type, call.example.request[parameter.name])
                given.append(f"{identifier(parameter.name)}={value}" if parameter.option else value)
            elif not parameter.option and parameter.over_json and parameter.name != call.handle:
                given.append("None")
        prefix, _, method = call.name.rpartition(".")
        if call.name == "documents.reader.next":
            return "for piece in reader:\n    ..."
        if call.handle:
            return f"{call.handle}.{method}({', '.join(given)})"
        if method == "open" and prefix.startswith("documents."):
            return f"with store.{prefix}({', '.join(given)}) as {prefix.rsplit('.', 1)[1]}:\n    ..."
        return f"store.{call.name}({', '.join(given)})"

    def python_value(self, type_: Type, value: Any) -> str:
        type_ = type_.required
        if type_.is_list:
            return "[" + ", ".join(self.python_value(type_.of, each) for each in value) + "]"
        if type_.name == "bytes":
            return "b" + repr(value)
        if isinstance(value, str) and value.startswith("{") and value.strip("{}").split(".")[0] in self.catalogue.calls:
            return "answer." + value.strip("{}").partition(".")[2]
        named = self.catalogue.types.get(type_.name)
        if named is None or named.kind != "struct" or not isinstance(value, dict):
            return repr(value)
        given = [f"{identifier(one.name)}={self.python_value(one.type, value[one.json])}" for one in named.fields if one.json in value]
        return f"{named.name}({', '.join(given)})"

    # Types -------------------------------------------------------------------------------------------------------------

    def types(self) -> Iterator[str]:
        yield "\n## Types\n\n`T?` is T or nothing, `[T]` a list, `{T}` an object whose members are all T.\n\n| type | in JSON |\n|---|---|\n"
        for name, meaning in BASIC.items():
            yield f"| `{name}` | {cell(meaning)} |\n"
        for named in self.catalogue.types.values():
            yield from self.named(named)

    def named(self, named: Named) -> Iterator[str]:
        yield f"\n### {heading(named)}\n\n{sentence(named.help)}"
        if named.kind == "name":
            yield f" A text of {range_text(named.limits)}.\n"
            return
        yield " Keeps members that this version does not know.\n" if named.open else "\n"
        if named.kind == "enum":
            yield "\n| value | |\n|---|---|\n" + "".join(f"| `{each.value}` | {cell(sentence(each.help))} |\n" for each in named.values)
        if named.fields:
            yield from self.fields(named.fields, named.given)
        for each in named.alternatives:
            yield f"\n`\"state\": \"{each.value}\"`: {each.help[:1].lower() + sentence(each.help)[1:]}\n"
            if each.fields:
                yield from self.fields(each.fields, named.given)

    def fields(self, fields: tuple[Field, ...], given: bool) -> Iterator[str]:
        yield "\n| member | type | range | default | |\n|---|---|---|---|---|\n"
        for one in fields:
            help_ = sentence(one.help) + (" Not to be given." if given and one.given == "never" else "")
            cells = [f"`{one.json}`", self.type_text(one.type), range_text(one.limits), default_text(one.type, one.default), help_]
            yield "| " + " | ".join(map(cell, cells)) + " |\n"
