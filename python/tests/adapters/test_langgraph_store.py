"""LangGraph's long-term memory."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from langgraph.store.base import GetOp, InvalidNamespaceError, PutOp, SearchOp
from langgraph.store.memory import InMemoryStore
from loopstate.langgraph import LoopstateStore


def view(items: Any) -> Any:
    return sorted((each.namespace, each.key, str(each.value)) for each in items)


@pytest.mark.parametrize("seed", range(3))
def test_it_answers_as_the_store_in_memory(store: Any, seed: int) -> None:
    rng = random.Random(seed)
    ours, judge = LoopstateStore(store, user="ada"), InMemoryStore()
    labels = ["a", "b", "a/b", "=", "%", "é", "z" * 40]
    spaces = [tuple(rng.choice(labels) for _ in range(rng.randrange(1, 4))) for _ in range(12)]
    keys = ["k", "k/=", "é", "=k", "x" * 600, "y" * 600]
    for _ in range(150):
        space, key = rng.choice(spaces), rng.choice(keys)
        value = {"n": rng.randrange(5), "deep": {"t": rng.choice("xy")}} if rng.random() < 0.8 else None
        for each in (ours, judge):
            each.put(space, key, value) if value else each.delete(space, key)  # type: ignore[func-returns-value]
    for space in spaces:
        for key in keys:
            one, other = ours.get(space, key), judge.get(space, key)
            assert (one and (one.namespace, one.key, one.value)) == (other and (other.namespace, other.key, other.value))
        for filter in (None, {"n": 3}, {"n": {"$gte": 2, "$lt": 4}}, {"deep": {"t": "x"}}, {"n": {"$ne": 1}}):
            assert view(ours.search(space[:1], filter=filter, limit=500)) == view(judge.search(space[:1], filter=filter, limit=500))
    filled = {each.namespace for each in judge.search((), limit=500)}
    for options in ({}, {"max_depth": 1}, {"prefix": ("a",)}, {"prefix": ("*", "b")}, {"suffix": ("b",), "max_depth": 2}):
        expected = [each for each in judge.list_namespaces(limit=500, **options) if any(each == space[: len(each)] for space in filled)]
        assert ours.list_namespaces(limit=500, **options) == expected


def test_pages_of_a_search(store: Any) -> None:
    ours = LoopstateStore(store, user="ada")
    for number in range(25):
        ours.put(("notes",), f"{number:02}", {"even": number % 2 == 0})
    ours.put(("notes2",), "x", {"even": True})
    found = [ours.search(("notes",), filter={"even": True}, limit=5, offset=offset) for offset in (0, 5, 10, 15)]
    assert [[each.key for each in page] for page in found] == [
        ["00", "02", "04", "06", "08"],
        ["10", "12", "14", "16", "18"],
        ["20", "22", "24"],
        [],
    ]


def test_a_batch_reads_before_it_writes(store: Any) -> None:
    ours = LoopstateStore(store, user="ada")
    ours.put(("a",), "k", {"n": 1})
    got, _, _, found = ours.batch([GetOp(("a",), "k"), PutOp(("a",), "k", {"n": 2}), PutOp(("a",), "k", {"n": 3}), SearchOp(("a",))])
    assert (got.value, [each.value for each in found]) == ({"n": 1}, [{"n": 1}])  # type: ignore[union-attr]
    assert ours.get(("a",), "k").value == {"n": 3}  # type: ignore[union-attr]
    with pytest.raises(InvalidNamespaceError):
        ours.batch([GetOp(("a.b",), "k")])


def test_items_with_a_time_to_live(store: Any) -> None:
    ours = LoopstateStore(store, user="ada", ttl={"default_ttl": 60, "refresh_on_read": False})
    ours.put(("a",), "an hour", {"n": 1})
    ours.put(("a",), "for ever", {"n": 1}, ttl=None)
    page = store.documents.list("ada", "langgraph-store/default")
    left = {each.key: each.expires_at and each.expires_at - each.updated_at for each in page.documents}
    assert left == {"a/=an hour": 3600, "a/=for ever": None}
    versions = {each.key: each.version for each in page.documents}
    ours.get(("a",), "an hour")
    ours.get(("a",), "an hour", refresh_ttl=True)
    ours.search(("a",), refresh_ttl=True)
    after = {each.key: each.version for each in store.documents.list("ada", "langgraph-store/default").documents}
    assert (after["a/=an hour"] - versions["a/=an hour"], after["a/=for ever"] - versions["a/=for ever"]) == (2, 0)


def test_the_asynchronous_methods(open_async: Any) -> None:
    async def run() -> None:
        ours = LoopstateStore(await open_async(), user="ada")
        await ours.aput(("a", "b"), "k", {"n": 1})
        item = await ours.aget(("a", "b"), "k")
        assert item is not None and item.value == {"n": 1}
        assert await ours.alist_namespaces() == [("a", "b")]
        await ours.adelete(("a", "b"), "k")
        assert await ours.asearch(()) == []

    asyncio.run(run())


def test_half_of_a_surrogate_pair_is_kept_as_it_is(store: Any) -> None:
    memory = LoopstateStore(store, user="ada")
    memory.put(("a",), "k", {"text": "a\ud83d"})
    assert memory.get(("a",), "k").value == {"text": "a\ud83d"}
