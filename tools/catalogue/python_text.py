"""What the emitters of Python's modules share: how a text, a type and the reading of a value are written."""

import json
import re
import textwrap
from typing import Optional

from catalogue.model import Catalogue, Limits, Type

HEAD = "# Written by tools/generate-catalogue from catalogue/*.toml.\n"
WIDTH = 120
KEYWORDS = {"from", "in", "is", "not", "or", "and", "as", "class", "def", "global", "lambda", "pass", "import", "return"}
SCALARS = {
    "void": "None", "bool": "bool", "u16": "int", "u32": "int", "u64": "int", "f64": "float", "number": "float", "text": "str",
    "time": "Time", "duration": "Seconds", "fine_duration": "Seconds", "json": "Any", "bytes": "Body",
}
# What a program reads is narrower than what it may write.
READ = {"time": "int", "duration": "float", "fine_duration": "float", "bytes": "bytes"}


def identifier(name: str) -> str:
    return name + "_" if name in KEYWORDS else name


def literal(value: object) -> str:
    """A default as Python writes it."""
    return json.dumps(value) if isinstance(value, str) else repr(value)


def sentence(text: str) -> str:
    """A help text as a sentence of its own."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


def limits_of(limits: Limits) -> str:
    unit = limits.unit
    if limits.min is not None and limits.max is not None:
        text = f"{limits.min:,} to {limits.max:,}"
    elif limits.max is not None:
        text = f"at most {limits.max:,}"
    elif limits.min:
        text = f"at least {limits.min:,}"
    else:
        return f"in {unit}" if unit and unit not in {"bytes", "documents"} else ""
    return f"{text} {unit}".rstrip()


def described(help: str, limits: Limits) -> str:
    help = re.sub(r"\b[Aa]bsent\b", "None", help)
    bounds = limits_of(limits)
    return sentence(f"{help}; {bounds}" if bounds else help)


def filled(text: str, indent: int, first: str = "") -> list[str]:
    space = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=space + first, subsequent_indent=space + " " * len(first),
                         break_long_words=False, break_on_hyphens=False)


def docstring(paragraphs: list[str], indent: int) -> list[str]:
    """Each paragraph: a text, or lines that stay as they are (a list of them)."""
    space = " " * indent
    lines = filled('"""' + paragraphs[0], indent)
    if len(paragraphs) == 1 and len(lines) == 1 and len(lines[0]) + 3 <= WIDTH:
        return [lines[0] + '"""']
    for paragraph in paragraphs[1:]:
        lines.append("")
        lines += paragraph if isinstance(paragraph, list) else filled(paragraph, indent)
    return [*lines, space + '"""']


class Emitter:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def carries_bytes(self, type_: Type) -> bool:
        inner = type_.innermost.name
        if inner == "bytes":
            return True
        named = self.catalogue.types.get(inner)
        return named is not None and any(self.carries_bytes(field.type) for field in named.all_fields())

    def annotation(self, type_: Type, reading: bool) -> str:
        if type_.optional:
            inner = self.annotation(type_.required, reading)
            return inner if inner == "Any" else f"Optional[{inner}]"
        if type_.is_list:
            return f"Sequence[{self.annotation(type_.of, reading)}]"
        if type_.is_map:
            return f"Mapping[str, {self.annotation(type_.of, reading)}]"
        if type_.name in SCALARS:
            return READ.get(type_.name, SCALARS[type_.name]) if reading else SCALARS[type_.name]
        if type_.name == "Error":
            return "errors.Error"
        named = self.catalogue.types[type_.name]
        return "str" if named.kind == "name" else named.name

    def reader(self, type_: Type) -> Optional[str]:
        """A function that makes a value out of its JSON; None: the JSON is the value."""
        if type_.innermost.name == "Error":
            return "errors.from_json"
        named = self.catalogue.types.get(type_.innermost.name)
        if named is None or named.kind in {"name", "enum"}:
            return None
        return f"{named.name}._read" if named.kind == "struct" else f"read_{snake(named.name)}"

    def read(self, type_: Type, value: str) -> str:
        """The expression that makes a value of this type out of the JSON that the expression `value` is."""
        reader = self.reader(type_)
        if type_.innermost.name == "bytes":
            return 'next(bodies, b"")'
        if reader is None:
            return value
        rest = ", bodies" if self.carries_bytes(type_) else ""
        if type_.is_list:
            return f"[{reader}(each{rest}) for each in {value}]"
        if type_.is_map:
            return f"{{name: {reader}(each{rest}) for name, each in {value}.items()}}"
        if type_.optional:
            return f"maybe({reader}, {value}{rest})"
        return f"{reader}({value}{rest})"


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() and at else c.lower() for at, c in enumerate(name))
