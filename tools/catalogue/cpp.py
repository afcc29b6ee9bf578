"""C++'s side of the catalogue: the program's commands as tables, and the catalogue as JSON for the C interface."""

import json
from typing import Any, Iterator

from catalogue.model import BASIC, Call, Catalogue, Command, CommandParameter, Field, Limits, Named, Parameter, Type

FOLDER = "src/catalogue/generated/"
HEAD = "// Written by tools/generate-catalogue from catalogue/*.toml.\n"


def emit(catalogue: Catalogue) -> dict[str, str]:
    return {FOLDER + "commands.inc": "".join(commands_text(catalogue)), FOLDER + "json.inc": json_text(catalogue)}


# Commands ----------------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A literal of C++. JSON's escapes are C++'s as well, but for control characters, which no help text has."""
    return json.dumps(text, ensure_ascii=False)


def parameter_text(parameter: CommandParameter, choices: str) -> str:
    members = [f"Kind::{parameter.kind.capitalize()}", quoted(parameter.name), quoted(parameter.value), quoted(parameter.help),
               "true" if parameter.required else "false", choices or "{}"]
    return "{" + ", ".join(members) + "}"


def commands_text(catalogue: Catalogue) -> Iterator[str]:
    yield HEAD
    entries = []
    for at, command in enumerate(catalogue.commands.values()):
        parameters = []
        for number, parameter in enumerate(command.parameters):
            name = f"kChoices{at}Of{number}" if parameter.choices else ""
            if name:
                yield f"constexpr std::string_view {name}[] = {{{', '.join(map(quoted, parameter.choices))}}};\n"
            parameters.append(parameter_text(parameter, name))
        if parameters:
            yield f"constexpr CommandParameter kParameters{at}[] = {{\n" + "".join(f"    {each},\n" for each in parameters) + "};\n"
        entries.append(command_text(command, f"kParameters{at}" if parameters else "{}"))
    yield "constexpr Command kCommands[] = {\n" + "".join(f"    {entry},\n" for entry in entries) + "};\n"


def command_text(command: Command, parameters: str) -> str:
    texts = [command.words, command.summary, command.details, command.example]
    return "{" + ", ".join([*map(quoted, texts), parameters]) + "}"


# JSON --------------------------------------------------------------------------------------------------------------------


def slim(members: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing."""
    return {name: value for name, value in members.items() if value is not None and value != "" and value != () and value != []}


def limits_of(limits: Limits) -> dict[str, Any]:
    return {"min": limits.min, "max": limits.max, "unit": limits.unit, "pattern": limits.pattern}


def default_of(type_: Type, default: Any) -> dict[str, Any]:
    if default is None:
        return {}
    return {"default": json.loads(default) if type_.name == "json" else default}


def field_of(field: Field) -> dict[str, Any]:
    return slim({"name": field.json, "type": field.type.text, "help": field.help, "given": field.given, **limits_of(field.limits)}) | \
        default_of(field.type, field.default)


def type_of(named: Named) -> dict[str, Any]:
    return slim({
        "kind": named.kind,
        "help": named.help,
        **limits_of(named.limits),
        "values": [{"value": value.value, "help": value.help} for value in named.values],
        "fields": [field_of(field) for field in named.fields],
        "alternatives": [{"state": each.value, "help": each.help, "fields": [field_of(field) for field in each.fields]}
                         for each in named.alternatives],
        "open": named.open or None,
    })


def parameter_of(parameter: Parameter) -> dict[str, Any]:
    return slim({"name": parameter.name, "type": parameter.type.text, "help": parameter.help, "required": parameter.required,
                 "option": parameter.option, **limits_of(parameter.limits)}) | default_of(parameter.type, parameter.default)


def call_of(catalogue: Catalogue, call: Call) -> dict[str, Any]:
    return {"parameters": [parameter_of(each) for each in call.parameters if each.over_json]} | slim({
        "summary": call.summary,
        "details": call.details,
        "access": call.access,
        "excludes": [list(pair) for pair in call.excludes],
        "result": call.result.text,
        "result_help": call.result_help,
        "errors": catalogue.errors_of(call),
        "repeatable": call.repeatable,
        "example": {"request": call.example.request, "after": list(call.example.after)},
    })


def error_of(error: Any) -> dict[str, Any]:
    return slim({"meaning": error.meaning, "action": error.action, "retryable": error.retryable, "exit_status": error.exit})


def json_text(catalogue: Catalogue) -> str:
    """One literal, with a line for each entry, so that a change of one is a change of one line."""
    sections = {
        "basic_types": dict(BASIC),
        "types": {name: type_of(named) for name, named in catalogue.types.items()},
        "errors": {code: error_of(error) for code, error in catalogue.errors.items()},
        "calls": {name: call_of(catalogue, call) for name, call in catalogue.calls.items() if call.by_name},
    }
    parts = []
    for section, entries in sections.items():
        lines = [f"{json.dumps(name)}:{json.dumps(entry, ensure_ascii=False, separators=(',', ':'))}" for name, entry in entries.items()]
        parts.append(f'"{section}":{{\n' + ",\n".join(lines) + "\n}")
    text = "{" + ",\n".join(parts) + "}"
    if ')json"' in text:
        raise ValueError("the catalogue contains what ends a literal of C++")
    return f'{HEAD}R"json({text})json"\n'
