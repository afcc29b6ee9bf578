"""Whether a JSON value is of a type of the catalogue, and a value that is."""

import re

from library import CATALOGUE

NUMBERS = {"u16": (0, 2**16 - 1), "u32": (0, 2**32 - 1), "u64": (0, 2**64 - 1), "time": (0, 2**63), "duration": (-2**31, 2**63)}
KINDS = {"bool": bool, "f64": (int, float), "number": (int, float), "fine_duration": (int, float), "text": str}


def misfits(type_, value, where):
    """What is wrong with an answer, each as a sentence."""
    if type_.optional:
        if value is not None:
            yield from misfits(type_.required, value, where)
    elif type_.is_list or type_.is_map:
        if not isinstance(value, list if type_.is_list else dict):
            yield f"{where} is {value!r}, and should be {type_.text}"
            return
        for at, each in enumerate(value) if type_.is_list else value.items():
            yield from misfits(type_.of, each, f"{where}[{at}]")
    elif type_.name in CATALOGUE.types:
        yield from named_misfits(CATALOGUE.types[type_.name], value, where)
    elif type_.name in NUMBERS:
        least, most = NUMBERS[type_.name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield f"{where} is {value!r}, and should be {type_.text}"
    elif type_.name in KINDS and (not isinstance(value, KINDS[type_.name]) or isinstance(value, bool) and type_.name != "bool"):
        yield f"{where} is {value!r}, and should be {type_.text}"
    elif type_.name in {"void", "bytes"} and value is not None:
        yield f"{where} is {value!r}, and should be null"


def named_misfits(named, value, where):
    if named.kind == "name" and not isinstance(value, str):
        yield f"{where} is {value!r}, and should be a {named.name}"
    elif named.kind == "enum" and value not in [each.value for each in named.values]:
        yield f"{where} is {value!r}, and should be a {named.name}"
    if named.kind not in {"struct", "union"}:
        return
    if not isinstance(value, dict):
        yield f"{where} is {value!r}, and should be a {named.name}"
        return
    fields, known = list(named.fields), set()
    if named.kind == "union":
        known = {"state"}
        found = next((each for each in named.alternatives if each.value == value.get("state")), None)
        if found is None:
            yield f"{where}.state is {value.get('state')!r}, which is no alternative of {named.name}"
            return
        fields += found.fields
    for one in fields:
        if one.json in value:
            yield from misfits(one.type, value[one.json], f"{where}.{one.json}")
        elif not one.type.optional and one.default is None and one.type.innermost.name != "bytes":
            yield f"{where}.{one.json} is missing"
    for member in sorted(set(value) - known - {one.json for one in fields}):
        if not named.open:
            yield f"{where}.{member} is no member of {named.name}"


def sample(type_, limits=None):
    """A value that a call takes; what is bytes is not in it."""
    if type_.optional:
        return sample(type_.required, limits)
    if type_.is_list:
        return [sample(type_.of)] * max(1, (limits and limits.min) or 1)
    if type_.is_map:
        return {"k": sample(type_.of)}
    least = limits.min if limits and limits.min else None
    if type_.name in CATALOGUE.types:
        return named_sample(CATALOGUE.types[type_.name])
    if type_.name == "text":
        if limits and limits.pattern and not re.fullmatch(limits.pattern, "x" * (least or 1)):
            return ""
        return "x" * (least or 1)
    return {"bool": True, "time": 1795575876, "duration": least or 60, "fine_duration": 5.5, "json": {"a": 1}, "number": 1.5,
            "f64": 1.5}.get(type_.name, least or 1)


def named_sample(named):
    if named.kind == "name":
        return "EUR" if named.limits.pattern else "x"
    if named.kind == "enum":
        return named.values[0].value
    return {one.json: sample(one.type, one.limits) for one in named.fields
            if one.given != "never" and one.type.innermost.name != "bytes"}


def wrong(type_, limits):
    """Values that are not of the type, or beyond its limits, each with whether the refusal is to begin with the place."""
    required = type_.required
    if required.is_list:
        values = [5, "x", {}]
    elif required.is_map or required.name in CATALOGUE.types and CATALOGUE.types[required.name].kind in {"struct", "union"}:
        values = [5, "x", []]
    elif required.name in {"u16", "u32", "u64"}:
        values = ["5", -1, 1.5, True, 2**64, {}]
        values += [] if not limits.min else [limits.min - 1]
        values += [] if limits.max is None else [limits.max + 1]
    elif required.name == "duration":
        values = ["5", 1.5, True, [], *([] if limits.max is None else [limits.max + 1]), *([] if not limits.min else [limits.min - 1])]
    elif required.name == "time":
        values = ["5", 1.5, True, []]
    elif required.name in {"fine_duration", "f64", "number"}:
        values = ["5", True, []]
    elif required.name == "bool":
        values = ["true", 1, [], {}]
    elif required.name == "json":
        values = []
    else:  # texts, names and words
        values = [5, True, ["x"], {}]
        if CATALOGUE.types.get(required.name) and CATALOGUE.types[required.name].kind == "enum":
            values.append("no such word")
    return values
