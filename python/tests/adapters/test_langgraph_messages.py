"""Messages in the adapter's own form: judged by LangGraph's serializer, and by the messages themselves."""

from __future__ import annotations

import builtins
import copy
import datetime
import decimal
import enum
import importlib
import pickle
import random
import uuid
from typing import Any, Dict, Iterator, List

import ormsgpack
import pytest

pytest.importorskip("langgraph")
import langchain_core.messages as core  # noqa: E402
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, RemoveMessage, ToolMessage  # noqa: E402
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer  # noqa: E402
from loopstate import errors  # noqa: E402
from loopstate.langgraph import _messages  # noqa: E402
from loopstate.langgraph._log import Raw  # noqa: E402
from loopstate.langgraph._messages import CLASSES, KIND, MessageSerializer  # noqa: E402
from loopstate.langgraph._values import Marks, Serde  # noqa: E402

OURS, THEIRS = MessageSerializer(), JsonPlusSerializer()

EACH: Dict[str, Any] = {
    "content": ["text", {"type": "text", "text": "more", "cache_control": {"type": "ephemeral"}}],
    "additional_kwargs": {"deep": [{"er": [None, True, 1, 1.5, "é", b"\x00"]}], "": {}},
    "response_metadata": {"model_name": "m", "logprobs": None, "big": 2**64 - 1, "small": -(2**63)},
    "name": "somebody",
    "id": "id-1",
}
CALL = {"name": "search", "args": {"query": "q", "top": [1, 2]}, "id": "call-1", "type": "tool_call"}
AI: Dict[str, Any] = {
    "usage_metadata": {
        "input_tokens": 1,
        "output_tokens": 2,
        "total_tokens": 3,
        "input_token_details": {"cache_read": 1},
        "output_token_details": {"reasoning": 1},
    },
}
CALLS = {"tool_calls": [CALL], "invalid_tool_calls": [{"name": "x", "args": "{", "id": "2", "error": "e", "type": "invalid_tool_call"}]}
CHUNKS = [{"name": "search", "args": '{"query": "q"}', "id": "call-1", "index": 0, "type": "tool_call_chunk"}]
FULL: Dict[str, Dict[str, Any]] = {
    "AIMessage": {**EACH, **AI, **CALLS},
    "AIMessageChunk": {**EACH, **AI, "tool_call_chunks": CHUNKS, "chunk_position": "last"},
    "ChatMessage": {**EACH, "role": "critic"},
    "FunctionMessage": {**EACH, "name": "function"},
    "HumanMessage": EACH,
    "RemoveMessage": {key: value for key, value in EACH.items() if key != "content"},
    "SystemMessage": EACH,
    "ToolMessage": {**EACH, "tool_call_id": "call-1", "artifact": {"rows": [[1, 2], [3]]}, "status": "error"},
}
for _name in ("ChatMessage", "FunctionMessage", "HumanMessage", "SystemMessage", "ToolMessage"):
    FULL[f"{_name}Chunk"] = {**FULL[_name]}


def full(name: str, **more: Any) -> Any:
    return getattr(core, name)(**copy.deepcopy({**FULL[name], **more}))


def exactly(value: Any) -> Any:
    """Equal only for what is of the same types throughout."""
    if isinstance(value, dict):
        return type(value), [(exactly(key), exactly(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [exactly(each) for each in value]
    return type(value), repr(value)


def state(message: Any) -> Any:
    return exactly(message.__dict__), exactly(message.__pydantic_extra__), message.__pydantic_private__


def assert_restored(message: Any) -> Any:
    kind, body = OURS.dumps_typed(message)
    assert kind == KIND
    restored, theirs = OURS.loads_typed((kind, body)), THEIRS.loads_typed(THEIRS.dumps_typed(message))
    assert type(restored) is type(message) and state(restored) == state(message) == state(theirs)
    assert restored.model_fields_set == theirs.model_fields_set
    assert OURS.dumps_typed(restored) == (kind, body) == OURS.dumps_typed(copy.deepcopy(message))
    return restored


def test_every_class_is_looked_at_here() -> None:
    assert set(FULL) == set(CLASSES) == {name for name in _messages._NAMES if hasattr(core, name)}
    for name, (kind, fields) in CLASSES.items():
        assert fields is not None and set(full(name).__dict__) == fields and kind.__name__ == name


@pytest.mark.parametrize("name", sorted(FULL))
@pytest.mark.parametrize("extra", [{}, {"reasoning": {"effort": [1]}, "more": None}])
def test_a_message_comes_back_as_it_was_and_as_from_langgraphs_serializer(name: str, extra: Dict[str, Any]) -> None:
    message = full(name, **extra)
    restored = assert_restored(message)
    assert restored == message and repr(restored) == repr(message)
    assert restored.model_dump() == message.model_dump() and restored.model_dump_json() == message.model_dump_json()
    assert restored.to_json() == message.to_json()
    assert pickle.loads(pickle.dumps(restored)) == copy.copy(restored) == restored.model_copy(deep=True) == message
    assert restored.model_copy(update={"id": "2"}).id == "2"
    assert type(restored).model_validate(restored.model_dump(exclude={"content"} if name == "RemoveMessage" else None)) == message
    for each in extra:
        assert getattr(restored, each) == extra[each]
    restored.id, restored.another = "3", "new"
    assert restored.model_fields_set >= {"id", "another"} and message.id == "id-1"


def test_what_a_message_can_do_it_can_after_it_was_restored() -> None:
    message = assert_restored(full("AIMessage", content="text"))
    assert message.tool_calls == [CALL] and message.usage_metadata["total_tokens"] == 3 and message.text == "text"
    assert message.content_blocks == full("AIMessage", content="text").content_blocks and message.pretty_repr()
    for name in sorted(FULL):
        if name.endswith("Chunk"):
            one = full(name, content="text", **({"chunk_position": None} if name == "AIMessageChunk" else {}))
            other = assert_restored(one)
            assert other + other == one + one and other + one == one + other


def test_a_chunk_that_was_added_up_comes_back_as_it_was() -> None:
    first = AIMessageChunk(content="a", tool_call_chunks=[{"name": "search", "args": '{"query"', "id": "1", "index": 0}])
    second = AIMessageChunk(content="b", tool_call_chunks=[{"name": None, "args": ': "q"}', "id": None, "index": 0}], chunk_position="last")
    both = assert_restored(first + second)
    assert both.tool_calls[0]["args"] == {"query": "q"}


def test_what_was_changed_after_validation_comes_back_as_it_is() -> None:
    message = AIMessage("text", additional_kwargs={"tool_calls": []})
    call: Any = {"name": "search", "args": {}, "id": "1", "extras": {"kept": True}}
    message.tool_calls.append(call)
    message.additional_kwargs["tool_calls"].append({"id": "2", "function": {"name": "other", "arguments": "{}"}})
    assert state(OURS.loads_typed(OURS.dumps_typed(message))) == state(message)


NUMBERS: List[Any] = [0, -1, 2**64 - 1, -(2**63), 0.0, -0.0, 1.0, float("inf"), float("nan")]
PLAIN = [None, True, False, "", "é\U0001f600\0", b"", b"\xff", *NUMBERS]


class Text(str):
    pass


class Number(int):
    pass


class Colour(enum.Enum):
    RED = "red"


class Level(str, enum.Enum):
    HIGH = "high"


class Mapping(Dict[str, Any]):
    pass


ODD: List[Any] = [
    (1, 2),
    {1, 2},
    Text("text"),
    Number(1),
    Colour.RED,
    Level.HIGH,
    Mapping(a=1),
    {1: 2},
    {Text("key"): 2},
    {Level.HIGH: 2},
    {None: 2},
    datetime.datetime(2026, 1, 2),
    datetime.date(2026, 1, 2),
    datetime.timedelta(1),
    uuid.UUID(int=1),
    decimal.Decimal("1.5"),
    "\ud800",
    HumanMessage("inside"),
    ormsgpack.Ext(5, b"\x90"),
]


def plain(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(3 if depth else 1)
    if kind == 1:
        return [plain(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind == 2:
        return {f"key {chance.randrange(9)}": plain(chance, depth - 1) for _ in range(chance.randrange(4))}
    return chance.choice(PLAIN)


def places(value: Any) -> List[Any]:
    """The lists and dicts in it."""
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return [] if inside is None else [value, *(found for each in inside for found in places(each))]


@pytest.mark.parametrize("seed", range(150))
def test_plain_contents_come_back_the_same(seed: int) -> None:
    chance = random.Random(seed)
    name = chance.choice(sorted(FULL))
    message = full(name, additional_kwargs={"any": plain(chance, 4)}, response_metadata={"any": plain(chance, 4)})
    assert_restored(message)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: f"{type(odd).__name__} {odd!r}"[:40])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_not_plain_is_left_to_langgraphs_serializer(odd: Any, seed: int) -> None:
    chance = random.Random(seed)
    within: Any = {"any": plain(chance, 3)}
    message = chance.choice([HumanMessage, AIMessage])("text", id="1", response_metadata=within)
    place = chance.choice(places(message.response_metadata))
    if isinstance(place, dict):
        place["odd"] = odd
    else:
        place.insert(chance.randrange(len(place) + 1), odd)
    assert OURS.dumps_typed(message) == THEIRS.dumps_typed(message)
    assert OURS.dumps_typed([HumanMessage("x"), message]) == THEIRS.dumps_typed([HumanMessage("x"), message])


def test_what_no_serializer_takes_is_refused_as_by_langgraphs() -> None:
    message = HumanMessage("text", additional_kwargs={"n": 2**64})
    with pytest.raises(TypeError):
        THEIRS.dumps_typed(message)
    with pytest.raises(TypeError):
        OURS.dumps_typed(message)


def others() -> Iterator[Any]:
    class Mine(AIMessage):
        pass

    yield Mine(content="text")
    yield core.BaseMessage(content="text", type="mine")
    yield HumanMessage.model_construct(type="human")  # Without its content.
    more = HumanMessage("text")
    more.__dict__["cached"] = 1
    yield more
    private = HumanMessage("text")
    object.__setattr__(private, "__pydantic_private__", {"_a": 1})
    yield private
    none = HumanMessage("text")
    object.__setattr__(none, "__pydantic_extra__", None)
    yield none
    yield from ([], [HumanMessage("a"), "b"], ["b", HumanMessage("a")], (HumanMessage("a"),), {"a": HumanMessage("b")}, "text", None, 1)


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("value", list(others()), ids=lambda value: type(value).__name__)
def test_whatever_is_not_exactly_a_message_is_left_to_langgraphs_serializer(value: Any) -> None:
    assert OURS.dumps_typed(value) == THEIRS.dumps_typed(value)


def test_lists_of_messages_come_back_the_same() -> None:
    value = [full(name) for name in sorted(FULL)] * 3
    kind, body = OURS.dumps_typed(value)
    assert kind == KIND
    assert [state(each) for each in OURS.loads_typed((kind, body))] == [state(each) for each in value]


def mutable(value: Any) -> List[int]:
    if isinstance(value, core.BaseMessage):
        extra = value.__pydantic_extra__
        return [id(value), id(value.__dict__), id(value.model_fields_set), id(extra), *mutable(value.__dict__)[1:], *mutable(extra)[1:]]
    return list(map(id, places(value)))


def test_restored_messages_share_nothing_that_can_be_changed() -> None:
    values = [full(name) for name in sorted(FULL)]
    blobs = [OURS.dumps_typed(each) for each in values] * 2
    raw, whole = Raw("list", blobs), OURS.dumps_typed([*values, *values])
    loaded = [*Serde(OURS).load(raw), *Serde(OURS).load_marked(raw)[0], *map(OURS.loads_typed, blobs), *OURS.loads_typed(whole)]
    found = [each for message in [*loaded, *values] for each in mutable(message)]
    assert len(found) == len(set(found)) > 500
    for message in loaded:
        message.model_fields_set.clear()
    assert all(OURS.loads_typed(blob).model_fields_set for blob in blobs)


def stored(name: str, state: Dict[str, Any], extra: Any = None) -> Any:
    return KIND, ormsgpack.packb([name, state, {} if extra is None else extra])


def stored_by_them(kind: Any, state: Dict[str, Any]) -> Any:
    inside = ormsgpack.packb([kind.__module__, kind.__name__, state, "model_validate_json"])
    return "msgpack", ormsgpack.packb(ormsgpack.Ext(5, inside))


@pytest.mark.parametrize("name", sorted(FULL))
@pytest.mark.parametrize("change", ["a field that there is no more", "a field that there was not yet", "both", "more than fields"])
def test_a_message_whose_class_has_changed_since_is_made_anew(name: str, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state_then = copy.deepcopy(full(name).__dict__)
    extra = {"more": 1} if change == "both" else {}
    if change in ("a field that there is no more", "both"):
        state_then["former"] = ["value"]
    if change in ("a field that there was not yet", "both"):
        del state_then["response_metadata"]
    if change == "more than fields":
        monkeypatch.setitem(CLASSES, name, (CLASSES[name][0], None))
    restored = OURS.loads_typed(stored(name, state_then, extra))
    theirs = THEIRS.loads_typed(stored_by_them(CLASSES[name][0], {**state_then, **extra}))
    assert state(restored) == state(theirs) and restored.model_fields_set == theirs.model_fields_set
    # Beside a list, as part of which it is known to be in another state than the one that was stored.
    one = OURS.dumps_typed(HumanMessage("text"))
    values, marks = Serde(OURS).load_marked(Raw("list", [one, stored(name, state_then, extra)]))
    assert marks.unchanged(Marks(values), values) == 2 and state(values[1]) == state(theirs)


def test_a_message_that_is_made_anew_is_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    then = AIMessage("text", additional_kwargs={}).__dict__
    then["additional_kwargs"] = {"tool_calls": [{"id": "1", "function": {"name": "search", "arguments": "{}"}}]}
    assert OURS.loads_typed(stored("AIMessage", then)).tool_calls == []
    monkeypatch.setitem(CLASSES, "AIMessage", (AIMessage, frozenset([*AIMessage.model_fields, "newer"])))
    assert [each["name"] for each in OURS.loads_typed(stored("AIMessage", then)).tool_calls] == ["search"]
    refused = HumanMessage("text").__dict__
    refused["content"] = 7
    del refused["name"]
    assert OURS.loads_typed(stored("HumanMessage", refused)).content == 7  # As from LangGraph's.


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "text",
        b"bytes",
        [],
        {},
        ["HumanMessage"],
        ["HumanMessage", {}],
        ["HumanMessage", HumanMessage("text").__dict__],
        ["HumanMessage", HumanMessage("text").__dict__, {}, {}],
        ["HumanMessage", HumanMessage("text").__dict__, []],
        ["HumanMessage", HumanMessage("text").__dict__, None],
        ["HumanMessage", list(HumanMessage("text").__dict__), {}],
        ["HumanMessage", None, {}],
        [["HumanMessage"], {}, {}],
        [["HumanMessage", {}, None]],
        [None, {}, {}],
        [b"HumanMessage", HumanMessage("text").__dict__, {}],
        ["abc", "HumanMessage", {}],
        ["HumanMessage", {**HumanMessage("text").__dict__, "name": ormsgpack.Ext(5, b"")}, {}],
        ormsgpack.Ext(0, ormsgpack.packb(["os", "system", "true"])),
    ],
    ids=repr,
)
def test_bytes_that_are_no_messages_are_refused(content: Any) -> None:
    blob = KIND, ormsgpack.packb(content)
    for read in (OURS.loads_typed, lambda blob: Serde(THEIRS).load_marked(Raw("list", [blob]))):
        with pytest.raises(ValueError, match="a stored message cannot be read"):
            read(blob)


@pytest.mark.parametrize("name", ["BaseMessage", "ToolCall", "Mine", "os.system", "langchain_core.messages.HumanMessage", "__class__", ""])
def test_a_class_that_is_not_in_the_table_is_never_made(name: str) -> None:
    with pytest.raises(errors.Unsupported, match="a message cannot be read"):
        OURS.loads_typed(stored(name, {"content": "text"}))


@pytest.mark.parametrize("seed", range(8))
def test_damaged_bytes_give_an_error_or_a_message_and_nothing_is_imported(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    body = OURS.dumps_typed(full(chance.choice(sorted(FULL))))[1]
    imported: List[Any] = []
    real = builtins.__import__

    def watched(name: str, *rest: Any, **more: Any) -> Any:
        imported.append(name)
        return real(name, *rest, **more)

    damaged = [body[:length] for length in range(len(body))]
    for _ in range(400):
        other = bytearray(body)
        for _ in range(chance.choice([1, 1, 2, 5])):
            other[chance.randrange(len(other))] = chance.randrange(256)
        damaged.append(bytes(other))
    read = []
    # What makes a message anew may import: langchain_core does so for itself.
    monkeypatch.setattr(_messages, "_made_anew", lambda kind, state: kind.model_construct())
    with monkeypatch.context() as watching:
        watching.setattr(builtins, "__import__", watched)
        watching.setattr(importlib, "import_module", watched)
        imported.clear()  # Of what pytest imports for itself.
        for each in damaged:
            try:
                read.append(OURS.loads_typed((KIND, each)))
            except (ValueError, errors.Unsupported):
                continue
    assert imported == []
    assert all(CLASSES[type(each).__name__][0] is type(each) for each in read)


def test_removing_a_message_is_stored_as_well() -> None:
    assert assert_restored(RemoveMessage(id="1")).id == "1"
    assert assert_restored(ToolMessage("text", tool_call_id="1", artifact=[{"a": b"1"}])).artifact == [{"a": b"1"}]
