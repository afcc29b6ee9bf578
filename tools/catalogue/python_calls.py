"""The calls of the package `loopstate`: a class for each part of a name before the last dot, and the same as coroutines."""

from typing import Any, Iterator, Optional

from catalogue.model import Call, Parameter, Type
from catalogue.python_text import HEAD, WIDTH, Emitter, described, docstring, filled, identifier, literal, sentence, snake

CALLS_HEAD = '''"""The calls of the library, as methods. store.py, streams.py and aio.py have the classes that programs see."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence, Union

from ._library import Connection
from ._types import *
'''

ASYNC_HEAD = '''"""The calls of the library, as coroutines: each runs the method of the same name on another thread."""

from __future__ import annotations

from functools import partial
from typing import Any, Awaitable, Callable, List, Mapping, Optional, Sequence, TypeVar, Union

from . import _calls
from ._types import *

T = TypeVar("T")
'''


def class_name(prefix: str) -> str:
    """documents.reader -> DocumentsReaderCalls."""
    return "".join(part.capitalize() for part in (prefix or "store").split(".")) + "Calls"


def prefix_of(call: Call) -> str:
    return call.name.rpartition(".")[0]


class Calls(Emitter):
    """The blocking methods."""

    def text(self) -> str:
        readers = sorted(f"read_{snake(named.name)}" for named in self.catalogue.types.values() if named.kind == "union")
        imported = f"from ._types import {', '.join(['Json', 'list_of', 'maybe', *readers])}\n"
        return HEAD + CALLS_HEAD + imported + "".join(self.of_prefix(prefix) for prefix in self.prefixes())

    def prefixes(self) -> list[str]:
        return list(dict.fromkeys(prefix_of(call) for call in self.calls()))

    def calls(self) -> list[Call]:
        return [call for call in self.catalogue.calls.values() if call.by_name]

    def of_prefix(self, prefix: str) -> str:
        calls = [call for call in self.calls() if prefix_of(call) == prefix]
        lines = ["", "", f"class {class_name(prefix)}:", "    def __init__(self, connection: Connection) -> None:",
                 "        self._connection = connection"]
        for call in calls:
            lines += ["", *self.method(call)]
        return "\n".join(lines) + "\n"

    def method(self, call: Call) -> list[str]:
        return [*self.signature(call, "def"), *self.about(call), *self.body(call)]

    # The head of a method -----------------------------------------------------------------------------------------------

    def parameters(self, call: Call) -> list[Parameter]:
        return [p for p in call.parameters if p.over_json]

    def signature(self, call: Call, define: str) -> list[str]:
        parameters = ["self"]
        by_name = False
        for parameter in self.parameters(call):
            if parameter.option and not by_name:
                by_name = True
                parameters.append("*")
            default = self.default(parameter)
            if any(later.required for later in self.parameters(call)[self.parameters(call).index(parameter):]):
                default = None  # what comes after it must be given, so this is too
            written = f"{identifier(parameter.name)}: {self.parameter_type(parameter)}"
            parameters.append(written if default is None else f"{written} = {default}")
        result = self.result_type(call.result)
        one = f"    {define} {call.method}({', '.join(parameters)}) -> {result}:"
        if len(one) <= WIDTH:
            return [one]
        return [f"    {define} {call.method}(", *(f"        {each}," for each in parameters), f"    ) -> {result}:"]

    def parameter_type(self, parameter: Parameter) -> str:
        if self.bodies_of(parameter):
            return f"Sequence[Union[Body, {parameter.type.of.name}]]"
        return self.annotation(parameter.type, reading=False)

    def default(self, parameter: Parameter) -> Optional[str]:
        if parameter.required:
            return None
        if parameter.type.optional:
            return "UNSET" if parameter.type.required.name == "json" else "None"
        if parameter.type.name == "json":
            return "None"
        if parameter.default is None or isinstance(parameter.default, (dict, list)):
            return "None" if not isinstance(parameter.default, list) else "()"
        return literal(parameter.default)

    def result_type(self, type_: Type) -> str:
        if type_.is_list:
            return f"List[{self.annotation(type_.of, reading=True)}]"
        return self.annotation(type_, reading=True)

    def about(self, call: Call) -> list[str]:
        paragraphs: list[Any] = [sentence(call.summary)]
        if call.details:
            paragraphs.append(call.details)
        lines = []
        for parameter in self.parameters(call):
            if parameter.name not in {"request_id", "timeout"}:
                first = identifier(parameter.name) + ": "
                lines += filled(described(parameter.help, parameter.limits), 12, first)
        if lines:
            paragraphs.append([line if line.startswith(" " * 12 + " ") else line for line in lines])
        if call.result_help:
            paragraphs.append(sentence("Returns: " + call.result_help))
        if call.errors:
            paragraphs.append(f"Raises: {', '.join(call.errors)}.")
        if call.repeated and call.takes_request_id:
            paragraphs.append(sentence("Repeat only with a request id: " + call.repeated[:1].lower() + call.repeated[1:]))
        return docstring(paragraphs, 8)

    # Its body -------------------------------------------------------------------------------------------------------------

    def bodies_of(self, parameter: Parameter) -> bool:
        """A list of structs that hold bytes: the bytes alone will do for each."""
        return parameter.type.is_list and self.carries_bytes(parameter.type)

    def body(self, call: Call) -> Iterator[str]:
        bodies = []
        first, later = [], []
        for parameter in self.parameters(call):
            name = identifier(parameter.name)
            if parameter.type.innermost.name == "bytes":
                bodies.append(name)
            elif self.bodies_of(parameter):
                struct = self.catalogue.types[parameter.type.of.name]
                body = next(f.name for f in struct.fields if f.type.name == "bytes")
                yield f'        given = list_of({struct.name}, "{parameter.name}", {name})'
                first.append(f'"{parameter.name}": given')
                bodies.append(f"*(each.{body} for each in given)")
            elif parameter.required:
                first.append(f'"{parameter.name}": {name}')
            else:
                default = self.default(parameter)
                test = f"{name} != {default}" if default not in {"None", "True", "False", "UNSET"} else f"{name} is not {default}"
                later += [f"        if {test}:", f'            request["{parameter.name}"] = {name}']
        yield from self.request(first)
        yield from later
        yield from self.answer(call, bodies)

    def request(self, members: list[str]) -> list[str]:
        one = f"        request: Json = {{{', '.join(members)}}}"
        if len(one) <= WIDTH:
            return [one]
        return ["        request: Json = {", *(f"            {member}," for member in members), "        }"]

    def answer(self, call: Call, bodies: list[str]) -> Iterator[str]:
        name = f'b"{call.name}"'
        result = self.result_type(call.result)
        if not bodies and not self.carries_bytes(call.result):
            made = f"self._connection.call({name}, request)"
            if call.result.name == "void":
                yield f"        {made}"
            elif self.reader(call.result) is None:
                yield f"        answer: {result} = {made}"
                yield "        return answer"
            else:
                # A list is looped over once, an optional answer looked at once.
                yield f"        return {self.read(call.result, made)}"
            return
        given = f", [{', '.join(bodies)}]" if bodies else ""
        if call.result.name == "void":
            yield f"        self._connection.call_with_bodies({name}, request{given})"
            return
        if not self.carries_bytes(call.result):
            yield f"        json, _ = self._connection.call_with_bodies({name}, request{given})"
            yield f"        return {self.read(call.result, 'json')}"
            return
        if call.result.name == "bytes":
            yield f"        _, parts = self._connection.call_with_bodies({name}, request{given})"
            yield '        return parts[0] if parts else b""'
            return
        yield f"        json, parts = self._connection.call_with_bodies({name}, request{given})"
        yield f"        return {self.read(call.result, 'json').replace('bodies', 'iter(parts)')}"


class AsyncCalls(Calls):
    """The same as coroutines."""

    def text(self) -> str:
        return HEAD + ASYNC_HEAD + "".join(self.of_prefix(prefix) for prefix in self.prefixes())

    def of_prefix(self, prefix: str) -> str:
        name = class_name(prefix)
        lines = ["", "", f"class Async{name}:",
                 f"    def __init__(self, calls: _calls.{name}, run: Callable[[Callable[[], T]], Awaitable[T]]) -> None:",
                 "        self._calls = calls", "        self._run: Callable[[Callable[[], Any]], Awaitable[Any]] = run"]
        for call in self.calls():
            if prefix_of(call) == prefix:
                lines += ["", *self.signature(call, "async def"), *self.about(call), *self.passed_on(call)]
        return "\n".join(lines) + "\n"

    def passed_on(self, call: Call) -> list[str]:
        given = []
        for parameter in self.parameters(call):
            name = identifier(parameter.name)
            given.append(f"{name}={name}" if parameter.option else name)
        arguments = "".join(", " + each for each in given)
        made = f"await self._run(partial(self._calls.{call.method}{arguments}))"
        if call.result.name == "void":
            return [f"        {made}"]
        result = self.result_type(call.result)
        lines = [f"        answer: {result} = {made}"]
        if len(lines[0]) > WIDTH:
            lines = [f"        answer: {result} = await self._run(", f"            partial(self._calls.{call.method}{arguments})",
                     "        )"]
        return [*lines, "        return answer"]
