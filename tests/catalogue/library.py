"""The library for C, as a program in Python calls it, and the catalogue beside it."""

import ctypes
import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from catalogue.model import load  # noqa: E402

CATALOGUE = load(ROOT / "catalogue")
BY_NAME = {name: call for name, call in CATALOGUE.calls.items() if call.by_name}


class Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


def text_of(given):
    return ctypes.string_at(given.data, given.size) if given.size else b""


def bytes_of(given):
    return Bytes(given, len(given))


@dataclass
class Answer:
    ok: bool
    value: object
    buffers: list = field(default_factory=list)

    @property
    def code(self):
        return "" if self.ok else self.value["code"]

    @property
    def message(self):
        return "" if self.ok else self.value["message"]


class Library:
    def __init__(self, file):
        self.c = ctypes.CDLL(file)
        self.c.loopstate_catalogue.restype = Bytes
        for name in ("loopstate_open", "loopstate_call", "loopstate_close"):
            getattr(self.c, name).restype = ctypes.c_void_p
        self.c.loopstate_json.restype = self.c.loopstate_buffer.restype = Bytes
        self.c.loopstate_buffer_count.restype = ctypes.c_size_t

    def catalogue(self):
        return json.loads(text_of(self.c.loopstate_catalogue()))

    def taken(self, answer):
        """What an answer says; frees it."""
        held = ctypes.c_void_p(answer)
        count = self.c.loopstate_buffer_count(held)
        made = Answer(self.c.loopstate_ok(held) == 1, json.loads(text_of(self.c.loopstate_json(held))),
                      [text_of(self.c.loopstate_buffer(held, ctypes.c_size_t(at))) for at in range(count)])
        self.c.loopstate_free(held)
        return made


class Store:
    """An embedded one in a folder of its own, gone at the end."""

    def __init__(self, library):
        self.library, self.handle = library, ctypes.c_uint64()
        self.folder = tempfile.TemporaryDirectory()
        settings = json.dumps({"url": f"embedded:{self.folder.name}/store.db"}).encode()
        opened = library.taken(library.c.loopstate_open(bytes_of(settings), ctypes.byref(self.handle)))
        if not opened.ok:
            raise RuntimeError(opened.message)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.taken(self.library.c.loopstate_close(self.handle))
        self.folder.cleanup()

    def call(self, name, request, buffers=()):
        text = request if isinstance(request, bytes) else json.dumps(request).encode()
        array = (Bytes * max(1, len(buffers)))(*map(bytes_of, buffers))
        return self.library.taken(self.library.c.loopstate_call(self.handle, name.encode(), bytes_of(text), array,
                                                                ctypes.c_size_t(len(buffers))))


# Requests ----------------------------------------------------------------------------------------------------------------


def without_bytes(catalogue, type_, value, buffers):
    """The JSON of a value whose bytes stand in place, as the catalogue's examples have them; the bytes go to `buffers`."""
    named = catalogue.types.get(type_.name)
    if type_.is_list:
        return [without_bytes(catalogue, type_.of, each, buffers) for each in value]
    if named is None or named.kind != "struct":
        return value
    made = dict(value)
    for one in named.fields:
        if one.type.innermost.name == "bytes" and one.json in made:
            buffers.append(made.pop(one.json).encode())
        elif one.json in made:
            made[one.json] = without_bytes(catalogue, one.type, made[one.json], buffers)
    return made


def filled(value, answers):
    """With what earlier examples answered, where an example names it: "{add_capture.capture.id}"."""
    if isinstance(value, dict):
        return {name: filled(each, answers) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, answers) for each in value]
    if not (isinstance(value, str) and value.startswith("{") and value.endswith("}") and value[1:-1].split(".")[0] in answers):
        return value
    for name in sorted(answers, key=len, reverse=True):
        if value[1:-1] == name:
            return answers[name]
        if value[1:].startswith(name + "."):
            found = answers[name]
            for member in value[len(name) + 2:-1].split("."):
                found = found[member]
            return found
    raise KeyError(value)


def example_of(call, answers):
    """The JSON and the buffers of a call's example."""
    buffers, request = [], {}
    if call.handle:
        request[call.handle] = answers[f"documents.{call.handle}.open"][call.handle]
    for parameter in call.parameters:
        if parameter.name not in call.example.request:
            continue
        value = filled(call.example.request[parameter.name], answers)
        if parameter.type.innermost.name == "bytes":
            buffers.append(value.encode())
        else:
            request[parameter.name] = without_bytes(CATALOGUE, parameter.type, value, buffers)
    return request, buffers
