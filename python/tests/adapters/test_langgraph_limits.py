"""What a saver stores and remembers has limits, and a conversation goes on beyond them."""

from __future__ import annotations

from typing import Any, List

import loopstate
import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from loopstate.langgraph import LoopstateSaver

MOST = 4000


def config(thread: str) -> Any:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}


def put(saver: LoopstateSaver, where: Any, **values: Any) -> Any:
    id = str(uuid6())
    checkpoint: Any = {**empty_checkpoint(), "id": id, "channel_values": values, "channel_versions": dict.fromkeys(values, id)}
    return saver.put(where, checkpoint, {}, checkpoint["channel_versions"])


def sizes(store: Any) -> List[int]:
    return [each.size for each in store.documents.list("ada", "langgraph/t").documents]


@pytest.mark.parametrize("saver", ["one", "new at every turn"])
@pytest.mark.parametrize("more", [1500, 3500, 700])
def test_a_value_of_many_items_may_be_larger_than_a_document(
    store: Any, monkeypatch: pytest.MonkeyPatch, saver: str, more: int
) -> None:
    monkeypatch.setattr("loopstate.langgraph._values.MOST", MOST)
    told = LoopstateSaver(store, user="ada")
    messages: List[str] = []
    for turn in range(36):
        if saver != "one":
            told = LoopstateSaver(store, user="ada")
        found = told.get_tuple(config("t"))
        assert (found.checkpoint["channel_values"]["messages"] if found else []) == messages
        messages = [*messages, f"{turn} ".ljust(more)]
        put(told, found.config if found else config("t"), messages=messages)
        if turn % 12 == 11:
            # What comes next rests on nothing, and yet has not all of it in one document.
            told.prune(["t"])
    assert max(sizes(store)) < 2 * MOST


def test_what_goes_on_after_a_removal_is_split_as_well(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopstate.langgraph._values.MOST", MOST)
    saver = LoopstateSaver(store, user="ada")
    where = put(saver, config("t"), messages=["one"])
    where = put(saver, where, messages=["two"])
    LoopstateSaver(store, user="ada").prune(["t"])
    put(saver, where, messages=[str(number).ljust(700) for number in range(40)])
    assert max(sizes(store)) < 2 * MOST
    found = LoopstateSaver(store, user="ada").get_tuple(config("t"))
    assert found is not None and len(found.checkpoint["channel_values"]["messages"]) == 40


def test_of_two_runs_that_begin_a_thread_one_is_refused_however_many_threads_there_are(store: Any) -> None:
    saver = LoopstateSaver(store, user="ada")
    threads = [config(f"t{number}") for number in range(70)]
    for each in threads:
        assert saver.get_tuple(each) is None
    for each in threads:
        put(saver, each, messages=["one"])
        with pytest.raises(loopstate.VersionConflict):
            put(saver, each, messages=["another"])


def test_a_run_that_begins_a_thread_is_guarded_also_when_others_are_cleaned_up(store: Any) -> None:
    saver = LoopstateSaver(store, user="ada")
    assert saver.get_tuple(config("t")) is None
    saver.prune(["t"])
    put(saver, config("t"), messages=["one"])
    with pytest.raises(loopstate.VersionConflict):
        put(saver, config("t"), messages=["another"])


@pytest.mark.parametrize("then", ["read", "list", "prune", "copy"])
def test_a_checkpoint_of_a_deleted_thread_is_dropped_also_where_its_values_are_in_segments(
    store: Any, into_any_thread: Any, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    monkeypatch.setattr("loopstate.langgraph._values.MOST", 400)

    def take_turns(saver: LoopstateSaver, name: str) -> Any:
        where = config("t")
        for turn in range(6):
            where = put(saver, where, messages=[f"{name} {number}".ljust(300) for number in range(turn + 1)])
        return where

    run, others = LoopstateSaver(into_any_thread, user="ada"), LoopstateSaver(store, user="ada")
    assert run.get_tuple(config("t")) is None
    where = take_turns(run, "old")
    others.delete_thread("t")
    assert others.get_tuple(config("t")) is None
    last = take_turns(others, "new")["configurable"]["checkpoint_id"]
    # As many documents as its own thread had.
    put(run, where, messages=[f"old {number}".ljust(300) for number in range(6)] + ["more".ljust(300)])
    reader = LoopstateSaver(store, user="ada")
    if then == "list":
        assert len(list(reader.list(config("t")))) == 6
    elif then == "prune":
        reader.prune(["t"])
    elif then == "copy":
        reader.copy_thread("t", "u")
        assert len(list(reader.list(config("u")))) == 6
    found = reader.get_tuple(config("t"))
    assert found is not None and found.checkpoint["id"] == last


@pytest.mark.parametrize("call", ["get_tuple", "list", "prune", "copy_thread"])
def test_a_checkpoint_whose_segment_is_damaged_is_not_dropped(store: Any, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    monkeypatch.setattr("loopstate.langgraph._values.MOST", 400)
    saver, where = LoopstateSaver(store, user="ada"), config("t")
    assert saver.get_tuple(where) is None
    for turn in range(6):
        where = put(saver, where, messages=[f"{number}".ljust(300) for number in range(turn + 1)])
    saver.prune(["t"])  # So that its parent is not there, either.
    before = store.documents.list("ada", "langgraph/t").documents
    store.documents.remove("ada", "langgraph/t", next(each.key for each in before if each.key.startswith("s/")))
    left = store.documents.list("ada", "langgraph/t").documents
    arguments: Any = {"prune": [["t"]], "copy_thread": ["t", "u"]}.get(call, [config("t")])
    with pytest.raises(loopstate.CorruptItem):
        list(getattr(LoopstateSaver(store, user="ada"), call)(*arguments) or ())
    assert store.documents.list("ada", "langgraph/t").documents == left


class Counted:
    """A store of which the documents that lists return are counted."""

    def __init__(self, store: Any) -> None:
        self._documents, self.listed = store.documents, 0

    @property
    def documents(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    def list(self, *arguments: Any, **options: Any) -> Any:
        page = self._documents.list(*arguments, **options)
        self.listed += len(page.documents)
        return page


def subgraph(number: int) -> Any:
    return {"configurable": {"thread_id": "t", "checkpoint_ns": f"sub:{number}"}}


def test_the_call_of_a_subgraph_reads_what_is_new(store: Any) -> None:
    put(LoopstateSaver(store, user="ada"), config("t"), messages=["a thread that others have begun"])
    counted = Counted(store)
    saver = LoopstateSaver(counted, user="ada")
    for turn in range(100):
        before = counted.listed
        found = saver.get_tuple(config("t"))
        assert found is not None
        put(saver, found.config, messages=[str(turn)])
        assert saver.get_tuple(subgraph(turn)) is None
        put(saver, subgraph(turn), one="x")
    assert counted.listed - before < 120


def test_what_others_store_in_a_new_namespace_is_found_however_long_ago(store: Any) -> None:
    saver, others = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    where = put(others, config("t"), messages=["one"])
    for round in range(3):
        assert saver.get_tuple(subgraph(round)) is None
        put(others, subgraph(round), one="x")
        for turn in range(70):
            where = put(others, where, messages=[str(turn)])
        if round == 1:
            assert saver.get_tuple(subgraph(9)) is None
        assert saver.get_tuple(subgraph(round)) is not None


def test_a_namespace_of_a_thread_that_was_begun_anew_is_found(store: Any) -> None:
    saver, others = LoopstateSaver(store, user="ada"), LoopstateSaver(store, user="ada")
    where = config("t")
    for turn in range(70):
        where = put(others, where, messages=[str(turn)])
    assert saver.get_tuple(subgraph(1)) is None
    others.delete_thread("t")
    put(others, subgraph(1), one="x")
    where = config("t")
    for turn in range(69):
        where = put(others, where, messages=[str(turn)])
    assert saver.get_tuple(subgraph(1)) is not None


@pytest.mark.parametrize("begins", [False, True])
def test_writes_that_are_stored_long_before_their_checkpoint_are_read(store: Any, begins: bool) -> None:
    saver = LoopstateSaver(store, user="ada")
    if not begins:
        assert saver.get_tuple(config("t")) is None
    last = str(uuid6())
    saver.put_writes({"configurable": {"thread_id": "t", "checkpoint_ns": "", "checkpoint_id": last}}, [("__interrupt__", "?")], "task")
    where = config("t")
    for turn in range(60):
        where = put(saver, where, messages=[str(turn)])
        # The saver has to do with others meanwhile.
        saver.get_tuple(config(f"other {turn}"))
        saver.get_tuple(config(f"another {turn}"))
    checkpoint: Any = {**empty_checkpoint(), "id": last, "channel_values": {}, "channel_versions": {}}
    saver.put(where, checkpoint, {}, {})
    found = LoopstateSaver(store, user="ada").get_tuple(config("t"))
    assert found is not None and found.checkpoint["id"] == last
    assert found.pending_writes == [("task", "__interrupt__", "?")]
