"""Messages in the adapter's own form beside other serializers: those that were used before, those that are given, those given later."""

from __future__ import annotations

from typing import Any, List, Tuple

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from loopstate.langgraph import LoopstateSaver
from loopstate.langgraph._log import Items, Point, Raw, Writes, unpack
from loopstate.langgraph._messages import KIND, MessageSerializer
from loopstate.langgraph._values import Marks, Serde

OURS, THEIRS = MessageSerializer(), JsonPlusSerializer()
THREAD: Any = {"configurable": {"thread_id": "chat-1", "checkpoint_ns": ""}}


def messages(count: int) -> List[Any]:
    kinds: List[Any] = [HumanMessage, AIMessage, SystemMessage]
    made = [kinds[place % 3](f"text {place} " * 9, id=f"id-{place}", additional_kwargs={"notes": []}) for place in range(count - 1)]
    return [*made, ToolMessage("text", tool_call_id="1", id="last", artifact=[{"a": b"1"}], more=[1])] if count else []


class Xor:
    def encrypt(self, plaintext: bytes) -> Any:
        return "xor", bytes(each ^ 1 for each in plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        assert ciphername == "xor"
        return bytes(each ^ 1 for each in ciphertext)


class Own(JsonPlusSerializer):
    """One that the application gives, which tells what it has been used for."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded = 0

    def dumps_typed(self, obj: Any) -> Tuple[str, bytes]:
        kind, body = super().dumps_typed(obj)
        return f"own/{kind}", body

    def loads_typed(self, data: Tuple[str, bytes]) -> Any:
        self.loaded += 1
        return super().loads_typed((data[0].split("/", 1)[1], data[1]))


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 70, 130])
def test_loaded_messages_are_known_by_the_bytes_that_they_were_made_of(count: int) -> None:
    values = messages(count)
    loaded, marks = Serde(OURS).load_marked(Raw("list", [OURS.dumps_typed(each) for each in values]))
    assert marks.unchanged(Marks(values), values) == marks.unchanged(Marks(loaded), loaded) == count
    for place in (0, count // 2, count - 1):
        if 0 <= place < count:
            loaded[place].additional_kwargs["changed"] = True
            assert marks.unchanged(Marks(loaded), loaded) <= place
            del loaded[place].additional_kwargs["changed"]
    assert marks.unchanged(Marks(loaded), loaded) == count


def test_marks_of_what_was_not_all_stored_in_this_form_are_those_of_what_was_loaded() -> None:
    values = [AIMessage("text", id=str(place), additional_kwargs={"tool_calls": []}) for place in range(40)]
    blobs = [(OURS if place % 2 else THEIRS).dumps_typed(each) for place, each in enumerate(values)]
    loaded, marks = Serde(OURS).load_marked(Raw("list", blobs))
    assert loaded == values and marks.unchanged(Marks(loaded), loaded) == 40


@pytest.mark.parametrize(
    "container, value",
    [("dict", {"a": HumanMessage("b")}), ("", HumanMessage("b")), ("list", [1, "a"]), ("list", [[HumanMessage("a")]]), ("list", [])],
)
def test_values_that_are_no_lists_of_messages_are_loaded_as_they_are(container: str, value: Any) -> None:
    for serde in (Serde(OURS), Serde(EncryptedSerializer(Xor(), OURS))):
        found, parts = serde.parts(value)
        raw = Raw(container, [serde.serde.dumps_typed(each) for each in parts])
        assert found == container and serde.load(raw) == serde.load_marked(raw)[0] == value


def put(saver: Any, config: Any, **values: Any) -> Any:
    id = str(uuid6())
    versions: Any = dict.fromkeys(values, id)
    checkpoint: Any = {**empty_checkpoint(), "id": id, "channel_values": values, "channel_versions": versions}
    return saver.put(config, checkpoint, {"source": "loop", "step": 1}, versions)


def found(saver: Any) -> Any:
    read = saver.get_tuple(THREAD)
    assert read is not None
    return read.checkpoint["channel_values"]


def records(store: Any) -> List[Any]:
    listed = store.documents.list("ada", "langgraph/chat-1", to="9" * 20, limit=1000).documents
    return [unpack(each.key, each.version, each.body) for each in listed]


def kinds(record: Any) -> List[str]:
    """What each of the values that a record holds itself is stored as."""
    if isinstance(record, Writes):
        return [blob[0] for _, _, blob in record.writes]
    assert isinstance(record, Point)
    entries = record.values.values()
    return [kind for each in entries for kind, _ in (each.own if isinstance(each, Items) else [getattr(each, "blob", ("same", b""))])]


def test_messages_are_stored_in_a_form_of_their_own_and_all_else_as_langgraph_stores_it(store: Any) -> None:
    saver = LoopstateSaver(store, user="ada")
    said = messages(5)
    where = put(saver, THREAD, messages=said, files={"a": "b"}, number=1, one=said[0], nested=[said, (said[0],)])
    saver.put_writes(where, [("messages", said), ("messages", said[0]), ("other", {"x": said[0]})], "task")
    point, writes = records(store)
    assert kinds(point) == [KIND] * 5 + ["msgpack", "msgpack", KIND] + [KIND, "msgpack"]
    assert kinds(writes) == [KIND, KIND, "msgpack"]
    fresh = LoopstateSaver(store, user="ada")
    values = found(fresh)
    assert values == {"messages": said, "files": {"a": "b"}, "number": 1, "one": said[0], "nested": [said, [said[0]]]}
    read = fresh.get_tuple(THREAD)
    kept = [("messages", said), ("messages", said[0]), ("other", {"x": said[0]})]
    assert read is not None and read.pending_writes == [("task", channel, value) for channel, value in kept]


@pytest.mark.parametrize(
    "before, after",
    [
        (THEIRS, None),
        (None, THEIRS),
        (None, EncryptedSerializer(Xor())),
        (None, EncryptedSerializer(Xor(), OURS)),
        (EncryptedSerializer(Xor(), OURS), EncryptedSerializer(Xor(), OURS)),
    ],
    ids=lambda serde: type(serde).__name__ if serde is not None else "none given",
)
@pytest.mark.parametrize("count", [3, 40])
def test_a_thread_goes_on_when_another_serializer_is_given(store: Any, before: Any, after: Any, count: int) -> None:
    said = messages(count)
    first = LoopstateSaver(store, user="ada", serde=before)
    where = put(first, THREAD, messages=said, one=said[0])
    first.put_writes(where, [("messages", said)], "task")
    saver = LoopstateSaver(store, user="ada", serde=after)
    read = saver.get_tuple(THREAD)
    assert read is not None and read.checkpoint["channel_values"] == {"messages": said, "one": said[0]}
    assert read.pending_writes == [("task", "messages", said)]
    put(saver, read.config, messages=[*read.checkpoint["channel_values"]["messages"], AIMessage("new", id="new")], one=said[0])
    # Of what is known to be unchanged nothing is stored again, whatever it was stored as.
    assert len(kinds(records(store)[-1])) == 2
    assert found(LoopstateSaver(store, user="ada", serde=after)) == {"messages": [*said, AIMessage("new", id="new")], "one": said[0]}


def test_a_serializer_that_is_given_is_used_for_everything(store: Any) -> None:
    said, own = messages(4), Own()
    saver = LoopstateSaver(store, user="ada", serde=own)
    where = put(saver, THREAD, messages=said, one=said[0])
    saver.put_writes(where, [("messages", said)], "task")
    assert saver.serde is own
    assert {kind for each in records(store) for kind in kinds(each)} == {"own/msgpack"}
    assert found(LoopstateSaver(store, user="ada", serde=own)) == {"messages": said, "one": said[0]} and own.loaded == 7


def test_a_serializer_that_a_class_of_the_application_names_is_used(store: Any) -> None:
    class Saver(LoopstateSaver):
        serde = THEIRS

    put(Saver(store, user="ada"), THREAD, messages=messages(4))
    assert set(kinds(records(store)[0])) == {"msgpack"}


def test_an_allowlist_that_langgraph_adds_keeps_the_form(store: Any) -> None:
    saver = LoopstateSaver(store, user="ada", serde=MessageSerializer(allowed_msgpack_modules=None))
    wider = saver.with_allowlist([("somewhere", "Class")])
    assert wider is not saver and type(wider.serde) is MessageSerializer
    put(wider, THREAD, messages=messages(4))
    assert set(kinds(records(store)[0])) == {KIND} and found(saver) == {"messages": messages(4)}


@pytest.mark.parametrize("count", [3, 40])
def test_a_loaded_message_that_is_changed_in_place_is_stored_as_it_is_then(store: Any, count: int) -> None:
    put(LoopstateSaver(store, user="ada"), THREAD, messages=messages(count))
    for place in (0, count // 2, count - 1):
        saver = LoopstateSaver(store, user="ada")
        read = saver.get_tuple(THREAD)
        assert read is not None
        said = read.checkpoint["channel_values"]["messages"]
        said[place].additional_kwargs["notes"] = [place]
        put(saver, read.config, messages=said)
        again = found(LoopstateSaver(store, user="ada"))["messages"]
        assert again == said and again[place].additional_kwargs["notes"] == [place]
