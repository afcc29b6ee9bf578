"""The saver stores what changed: judged by LangGraph's own saver in memory, over random graphs of checkpoints."""

from __future__ import annotations

import random
from typing import Any, Dict, List, Tuple

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.memory import InMemorySaver
from loopstate.langgraph import LoopstateSaver

WORDS = [f"word {n} " * 12 for n in range(40)]


def message(rng: random.Random) -> Any:
    return rng.choice([HumanMessage, AIMessage])(rng.choice(WORDS), id=str(rng.randrange(10**9)))


def changed(rng: random.Random, value: Any) -> Any:
    """As reducers and people change a value."""
    if isinstance(value, dict):
        value = dict(value)
        for _ in range(rng.randrange(3)):
            value[f"file {rng.randrange(30)}"] = rng.choice(WORDS)
        if value and rng.random() < 0.2:
            del value[rng.choice(list(value))]
        return value
    if not isinstance(value, list):
        return rng.choice([WORDS[rng.randrange(40)] * 30, rng.random(), None, (1, [2], {"three": 3}), b"bytes"])
    kind = rng.random()
    value = list(value)
    if kind < 0.1 and value:  # In place, deep inside, to what only just is something else.
        extra = value[rng.randrange(len(value))].additional_kwargs
        deep = extra.setdefault("deep", [{"flag": 1}])
        deep[0]["flag"] = rng.choice([1, True, 1.0, "1", [1], None])
        return value
    if kind < 0.7:
        return value + [message(rng) for _ in range(rng.randrange(4))]
    if kind < 0.8 and value:
        value[rng.randrange(len(value))] = message(rng)
        return value
    if kind < 0.9:
        return value[: rng.randrange(len(value) + 1)]
    return [message(rng)] + value[-2:]


def config(thread: str, namespace: str, id: Any = None) -> Any:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": namespace, **({"checkpoint_id": id} if id else {})}}


class Pair:
    """The same calls to both savers."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.judge = InMemorySaver()
        self.savers = [self.new(), self.new()]
        self.points: List[Tuple[str, str, str]] = []
        self.values: Dict[Tuple[str, str, str], Tuple[Dict[str, Any], Dict[str, Any]]] = {}

    def new(self) -> LoopstateSaver:
        return LoopstateSaver(self.store, user="ada", guard_turns=False)

    def put(self, rng: random.Random) -> None:
        saver = rng.choice(self.savers)
        if rng.random() < 0.1:
            saver = self.savers[rng.randrange(2)] = self.new()
        thread, namespace = rng.choice(["t1", "t2"]), rng.choice(["", "", "child:1"])
        here = [each for each in self.points if each[:2] == (thread, namespace)]
        parent = (here[-1] if rng.random() < 0.8 else rng.choice(here)) if here else None
        values, versions = self.values[parent] if parent else ({"messages": [], "files": {}, "plain": 0}, {})
        values, versions, new = dict(values), dict(versions), {}
        for channel in values if parent is None else [each for each in values if rng.random() < 0.6]:
            values[channel] = changed(rng, values[channel])
            new[channel] = versions[channel] = len(self.points) + 1
        checkpoint = {**empty_checkpoint(), "id": str(uuid6()), "channel_values": values, "channel_versions": versions}
        metadata: Any = {"source": "loop", "step": len(self.points), "run_id": f"run {len(self.points) // 5}"}
        where = config(thread, namespace, parent and parent[2])
        for each in (self.judge, saver):
            each.put(where, {**checkpoint, "channel_values": dict(values)}, metadata, new)  # type: ignore[typeddict-item]
        point = (thread, namespace, str(checkpoint["id"]))
        self.points.append(point)
        self.values[point] = (values, versions)

    def put_writes(self, rng: random.Random) -> None:
        if not self.points:
            return
        point = rng.choice(self.points[-3:])
        writes = [(rng.choice(["messages", "__error__", "__interrupt__"]), message(rng)) for _ in range(rng.randrange(1, 3))]
        task, path = f"task {rng.randrange(3)}", f"path {rng.randrange(2)}"
        for each in (self.judge, rng.choice(self.savers)):
            each.put_writes(config(*point), writes, task, path)

    def compare(self, saver: LoopstateSaver) -> None:
        for thread in ("t1", "t2"):
            for namespace in ("", "child:1"):
                where = config(thread, namespace)
                assert view(saver.get_tuple(where)) == view(self.judge.get_tuple(where))
                assert [view(each) for each in saver.list(where)] == [view(each) for each in self.judge.list(where)]
                assert [view(e) for e in saver.list(where, limit=2, filter={"run_id": "run 1"})] == [
                    view(e) for e in self.judge.list(where, limit=2, filter={"run_id": "run 1"})
                ]
        for point in self.points:
            assert view(saver.get_tuple(config(*point))) == view(self.judge.get_tuple(config(*point)))


def view(found: Any) -> Any:
    if found is None:
        return None
    parent = found.parent_config["configurable"]["checkpoint_id"] if found.parent_config else None
    return found.config["configurable"], found.checkpoint, found.metadata, parent, found.pending_writes


@pytest.fixture(autouse=True, params=[2, 16])
def depth(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments come early, so that short graphs have many of them; and as they come in use."""
    monkeypatch.setattr("loopstate.langgraph._values.DEPTH", request.param)


@pytest.mark.parametrize("seed", range(2))
def test_any_graph_of_checkpoints_reads_as_it_does_from_memory(store: Any, seed: int) -> None:
    rng = random.Random(seed)
    pair = Pair(store)
    for _ in range(90):
        pair.put(rng) if rng.random() < 0.8 else pair.put_writes(rng)
    pair.compare(pair.new())
    pair.compare(pair.savers[0])


@pytest.mark.parametrize("seed", range(2))
def test_what_stays_of_a_thread_is_whole_whatever_was_removed_of_it(store: Any, seed: int) -> None:
    rng = random.Random(100 + seed)
    pair = Pair(store)
    for _ in range(70):
        pair.put(rng) if rng.random() < 0.8 else pair.put_writes(rng)
    gone = {"run 0", "run 3", "run 4", f"run {rng.randrange(12)}"}
    rng.choice(pair.savers).delete_for_runs(sorted(gone))
    for _ in range(10):
        pair.put(rng)
    kept = [each for each in pair.points if pair.judge.get_tuple(config(*each)).metadata["run_id"] not in gone]  # type: ignore[union-attr]
    for saver in (pair.new(), *pair.savers):
        for point in pair.points:
            found = saver.get_tuple(config(*point))
            assert view(found) == (view(pair.judge.get_tuple(config(*point))) if point in kept else None)
    pair.new().copy_thread("t1", "t3")
    pair.new().copy_thread("t2", "t3")
    for thread, namespace, id in kept:
        copied = view(pair.new().get_tuple(config("t3", namespace, id)))
        assert copied[1:] == view(pair.judge.get_tuple(config(thread, namespace, id)))[1:]
    pair.savers[0].prune(["t1", "t2"])
    for thread in ("t1", "t2"):
        for namespace in ("", "child:1"):
            left = [each for each in kept if each[:2] == (thread, namespace)]
            found_left = list(pair.new().list(config(thread, namespace)))
            assert [view(each) for each in found_left] == [view(pair.judge.get_tuple(config(*each))) for each in left[-1:]]
