"""LangGraph's saver where a thread is deleted under a run, and with values and interruptions that are out of the ordinary."""

from __future__ import annotations

import threading
from typing import Any, Dict, List, Optional

import loopstate
import pytest
from conftest import IntoAnyThread
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from loopstate import _together
from loopstate.langgraph import LoopstateSaver
from loopstate.langgraph._log import Point
from loopstate.langgraph._thread import Noted, Thread
from loopstate.langgraph._writing import Storing

THREAD: Any = {"configurable": {"thread_id": "chat-1", "checkpoint_ns": ""}}
COPY: Any = {"configurable": {"thread_id": "copy", "checkpoint_ns": ""}}
LONG = [f"{number}" * 100 for number in range(5)]


def checkpoint_of(**values: Any) -> Any:
    id = str(uuid6())
    return {**empty_checkpoint(), "id": id, "channel_values": values, "channel_versions": dict.fromkeys(values, id)}


def put(saver: Any, config: Any, checkpoint: Any) -> Any:
    return saver.put(config, checkpoint, {}, checkpoint["channel_versions"])


def messages(store: Any) -> List[Any]:
    return messages_of(store, THREAD)


def messages_of(store: Any, config: Any) -> List[Any]:
    where = {"configurable": {name: config["configurable"][name] for name in ("thread_id", "checkpoint_ns")}}
    return [each.checkpoint["channel_values"]["messages"] for each in LoopstateSaver(store, user="ada").list(where)]


def test_a_run_whose_thread_was_deleted_and_begun_anew_stores_its_next_checkpoint_whole(store: Any) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    assert ours.get_tuple(THREAD) is None
    mine = put(ours, put(ours, THREAD, checkpoint_of(messages=LONG)), checkpoint_of(messages=[*LONG, "more"]))
    other.delete_thread("chat-1")
    theirs = THREAD
    for number in range(5):
        theirs = put(other, theirs, checkpoint_of(messages=[f"other {number}"]))
    put(ours, mine, checkpoint_of(messages=[*LONG, "more", "end"]))
    assert messages(store) == [[*LONG, "more", "end"], *([f"other {number}"] for number in reversed(range(5)))]


@pytest.mark.parametrize("knows", ["what it has stored", "what it has read", "that there was nothing yet"])
def test_a_thread_of_the_same_length_is_told_from_the_one_that_was_deleted_under_a_run(store: Any, knows: str) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    mine: Any = put(other, put(other, THREAD, checkpoint_of(messages=LONG)), checkpoint_of(messages=[*LONG, "more"]))
    if knows == "what it has stored":
        assert ours.get_tuple(THREAD) is not None
        mine = put(ours, mine, checkpoint_of(messages=[*LONG, "more"]))
    elif knows == "what it has read":
        assert ours.get_tuple(THREAD) is not None
    else:
        mine = {"configurable": {"thread_id": "chat-1", "checkpoint_ns": "a subgraph"}}
        assert ours.get_tuple(mine) is None
    length = len(store.documents.list("ada", "langgraph/chat-1").documents)
    other.delete_thread("chat-1")
    theirs: Any = {"configurable": {"thread_id": "chat-1", "checkpoint_ns": mine["configurable"]["checkpoint_ns"]}}
    other = LoopstateSaver(store, user="ada")
    assert other.get_tuple(theirs) is None
    for number in range(length):
        theirs = put(other, theirs, checkpoint_of(messages=["theirs", number]))
    with pytest.raises(loopstate.VersionConflict):
        put(ours, mine, checkpoint_of(messages=[*LONG, "more", "end"]))
    assert messages_of(store, theirs) == [["theirs", number] for number in reversed(range(length))]


def test_a_run_that_guards_nothing_goes_on_whole_in_a_thread_of_the_same_length(store: Any) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada", guard_turns=False)
    assert ours.get_tuple(THREAD) is None
    mine = put(ours, put(ours, THREAD, checkpoint_of(messages=LONG)), checkpoint_of(messages=[*LONG, "more"]))
    other.delete_thread("chat-1")
    put(other, put(other, THREAD, checkpoint_of(messages=["theirs"])), checkpoint_of(messages=["theirs", "too"]))
    mine = put(ours, mine, checkpoint_of(messages=[*LONG, "more", "end"]))
    put(ours, mine, checkpoint_of(messages=[*LONG, "more", "end", "of it"]))
    assert messages(store) == [[*LONG, "more", "end", "of it"], [*LONG, "more", "end"], ["theirs", "too"], ["theirs"]]


def test_a_run_is_told_of_another_thread_in_place_of_its_own_of_which_it_sees_but_that_something_was_removed(store: Any) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    mine = put(other, put(other, THREAD, checkpoint_of(messages=LONG)), checkpoint_of(messages=[*LONG, "more"]))
    assert ours.get_tuple(THREAD) is not None
    other.delete_thread("chat-1")
    other = LoopstateSaver(store, user="ada")
    assert other.get_tuple(THREAD) is None
    put(other, put(other, THREAD, checkpoint_of(messages=["theirs"])), checkpoint_of(messages=["theirs", "too"]))
    other.prune(["chat-1"])
    with pytest.raises(loopstate.VersionConflict):
        put(ours, mine, checkpoint_of(messages=[*LONG, "more", "end"]))
    assert messages(store) == [["theirs", "too"]]


def test_a_copy_is_not_made_behind_another_thread_than_the_one_that_was_looked_at(store: Any) -> None:
    class Meanwhile(IntoAnyThread):
        """Others delete the thread before it is appended to, and begin it anew."""

        def append(self, *arguments: Any, **options: Any) -> Any:
            if arguments[1] == "langgraph/copy":
                other.delete_thread("copy")
                put(other, COPY, checkpoint_of(messages=["theirs"]))
            return store.documents.append(*arguments, **options)

    other = LoopstateSaver(store, user="ada")
    put(other, put(other, THREAD, checkpoint_of(messages=LONG)), checkpoint_of(messages=[*LONG, "more"]))
    put(other, COPY, checkpoint_of(messages=["before"]))
    with pytest.raises(loopstate.VersionConflict, match="copy it again"):
        LoopstateSaver(Meanwhile(store), user="ada").copy_thread("chat-1", "copy")
    assert messages_of(store, COPY) == [["theirs"]]


def test_what_was_stored_on_another_thread_of_the_same_length_is_dropped(store: Any, into_any_thread: Any) -> None:
    ours, other = LoopstateSaver(into_any_thread, user="ada"), LoopstateSaver(store, user="ada")
    assert ours.get_tuple(THREAD) is None
    mine = put(ours, put(ours, THREAD, checkpoint_of(messages=LONG)), checkpoint_of(messages=[*LONG, "more"]))
    other.delete_thread("chat-1")
    theirs = put(other, put(other, THREAD, checkpoint_of(messages=["theirs"])), checkpoint_of(messages=["theirs", "too"]))
    put(ours, mine, checkpoint_of(messages=[*LONG, "more", "end"]))
    assert messages(store) == [["theirs", "too"], ["theirs"]]
    found = LoopstateSaver(store, user="ada").get_tuple(THREAD)
    assert found is not None and found.config == {"configurable": {**theirs["configurable"], "checkpoint_ns": ""}}
    assert len(store.documents.list("ada", "langgraph/chat-1").documents) == 2


def test_a_checkpoint_that_is_stored_again_leaves_alone_what_has_come_to_be_in_its_place(store: Any) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    first = checkpoint_of(messages=LONG)
    put(ours, THREAD, first)
    other.delete_thread("chat-1")
    put(ours, THREAD, first)
    assert messages(store) == [LONG]
    other.delete_thread("chat-1")
    put(other, THREAD, checkpoint_of(messages=["other"]))
    put(ours, THREAD, first)
    assert sorted(messages(store), key=len) == [["other"], LONG]


def test_a_checkpoint_and_writes_whose_answers_are_lost_are_there_once(store: Any) -> None:
    class Losing:
        def __init__(self) -> None:
            self.documents, self.lost = self, 0

        def __getattr__(self, name: str) -> Any:
            return getattr(store.documents, name)

        def append(self, *arguments: Any, **options: Any) -> Any:
            stored = store.documents.append(*arguments, **options)
            self.lost += 1
            if self.lost % 3:
                raise loopstate.OutcomeUnknown("the answer was lost")
            return stored

    ours = LoopstateSaver(Losing(), user="ada")
    assert ours.get_tuple(THREAD) is None
    config = THREAD
    for number in range(3):
        config = put(ours, config, checkpoint_of(messages=LONG[: number + 1]))
        ours.put_writes(config, [("messages", number)], "task")
    found = list(LoopstateSaver(store, user="ada").list(THREAD))
    assert [each.checkpoint["channel_values"]["messages"] for each in found] == [LONG[:3], LONG[:2], LONG[:1]]
    assert [each.pending_writes for each in found] == [[("task", "messages", number)] for number in (2, 1, 0)]
    ours.prune(["chat-1"])
    assert messages(store) == [LONG[:3]]


@pytest.mark.parametrize("meanwhile", ["many other threads", "somebody looks at the checkpoint", "nothing"])
def test_a_run_is_told_of_another_one_whatever_the_saver_does_in_between(store: Any, meanwhile: str) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    put(other, THREAD, checkpoint_of(messages=LONG))
    found = ours.get_tuple(THREAD)
    assert found is not None
    if meanwhile == "many other threads":
        for number in range(70):
            ours.get_tuple({"configurable": {"thread_id": f"other {number}", "checkpoint_ns": ""}})
    elif meanwhile == "somebody looks at the checkpoint":
        ours.get_tuple(found.config)
    assert other.get_tuple(THREAD) is not None
    put(other, found.config, checkpoint_of(messages=[*LONG, "theirs"]))
    with pytest.raises(loopstate.VersionConflict):
        put(ours, found.config, checkpoint_of(messages=[*LONG, "ours"]))
    assert messages(store) == [[*LONG, "theirs"], LONG]
    # Asked for by its id, now that it is not the last one any more, it is where a branch begins.
    assert ours.get_tuple(found.config) is not None
    put(ours, found.config, checkpoint_of(messages=[*LONG, "branch"]))
    assert messages(store) == [[*LONG, "branch"], [*LONG, "theirs"], LONG]


@pytest.mark.parametrize("pruned_by", ["the other saver", "its own saver"])
def test_a_run_is_told_of_another_one_whose_first_checkpoints_were_pruned_meanwhile(store: Any, pruned_by: str) -> None:
    ours, other = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    put(other, THREAD, checkpoint_of(messages=LONG))
    found = ours.get_tuple(THREAD)
    assert found is not None and other.get_tuple(THREAD) is not None
    theirs = put(other, found.config, checkpoint_of(messages=[*LONG, "theirs"]))
    put(other, theirs, checkpoint_of(messages=[*LONG, "theirs", "theirs, too"]))
    (other if pruned_by == "the other saver" else ours).prune(["chat-1"])
    with pytest.raises(loopstate.VersionConflict):
        put(ours, found.config, checkpoint_of(messages=[*LONG, "ours"]))
    assert messages(store) == [[*LONG, "theirs", "theirs, too"]]


@pytest.mark.parametrize(
    "between, refused",
    [
        ([], False),
        (["writes", "notice", "gone"], False),
        ([Noted("", "base", "theirs", True)], True),
        ([Noted("", "base", "theirs", False)], True),  # by a saver that does not guard turns
        ([Noted("", "later", "theirs", True)], True),  # The first one may have been pruned before the log was read.
        ([Noted("", "earlier", "theirs", False)], False),  # A branch from elsewhere.
        (["notice", Noted("", "later", "theirs", False)], True),
        ([Noted("a subgraph", "base", "theirs", True)], False),
        ([Noted("", "base", "ours", True)], False),
    ],
)
def test_who_is_refused(between: List[Any], refused: bool) -> None:
    point = Point("", "ours", "base", ("", b""), {})
    storing = Storing(Thread("t"), point, empty_checkpoint(), {}, None, None, None, lambda: None)  # type: ignore[arg-type]
    assert storing._is_refused(dict(enumerate(between, 1))) is refused


@pytest.mark.parametrize("generation, known", [("its own", True), (None, True), ("another", False)])
def test_what_is_noted_of_another_log_of_the_name_says_nothing(generation: Optional[str], known: bool) -> None:
    thread, point = Thread("t"), Point("", "ours", "base", ("", b""), {})
    thread.note(3, "writes", "its own")
    point.seen = 2
    storing = Storing(thread, point, empty_checkpoint(), {}, None, generation, None, lambda: None)  # type: ignore[arg-type]
    with pytest.raises(StopIteration) as done:
        next(storing._look())
    assert done.value.value == ((3, {3: "writes"}) if known else (2, {}))
    assert storing._next(2) == (4 if known else 3)
    thread.note(1, "writes", "another")
    assert thread.log == {1: "writes"} and thread.end == 1


@pytest.mark.parametrize("keys", [[(1, 2), "a"], [3, None, True, b"x", "3"]])
def test_a_dict_may_have_keys_that_are_no_text(store: Any, keys: List[Any]) -> None:
    value: Dict[Any, Any] = {key: "value" * 100 for key in keys}
    config = put(LoopstateSaver(store, user="ada"), THREAD, checkpoint_of(messages=value))
    put(LoopstateSaver(store, user="ada"), config, checkpoint_of(messages={**value, "more": 1}))
    assert messages(store) == [{**value, "more": 1}, value]


@pytest.mark.parametrize("when", ["before its turn", "at its turn"])
def test_nobody_waits_for_an_append_that_ctrl_c_has_ended(monkeypatch: Any, when: str) -> None:
    together = _together.Together()
    begun, go_on = threading.Event(), threading.Event()

    class Interrupted(threading.Event):
        def wait(self, timeout: Optional[float] = None) -> bool:
            if when == "at its turn":
                go_on.set()
                assert super().wait(60)
            raise KeyboardInterrupt

    class Waiting(_together._Waiting):
        def __init__(self, entry: _together.Entry) -> None:
            super().__init__(entry)
            self.woken = Interrupted()

    def slow(bodies: List[bytes], at: Optional[int], generation: Optional[str]) -> Any:
        begun.set()
        assert go_on.wait(60)
        return loopstate.AppendedDocuments(1, 1, "")

    first = threading.Thread(target=together.append, args=("place", _together.Entry(b"1"), slow))
    first.start()
    assert begun.wait(60)
    with monkeypatch.context() as patch:
        patch.setattr(_together, "_Waiting", Waiting)
        with pytest.raises(KeyboardInterrupt):
            together.append("place", _together.Entry(b"2"), slow)
    go_on.set()
    first.join()
    numbers: List[int] = []
    third = threading.Thread(target=lambda: numbers.append(together.append("place", _together.Entry(b"3"), lambda bodies, at, generation: loopstate.AppendedDocuments(7, 7, ""))), daemon=True)
    third.start()
    third.join(10)
    assert numbers == [7]
