"""Two workers on one conversation, one of which is killed in the middle, again and again: no turn is lost, and none doubled. Neither where both
remove, before each turn, what the last checkpoint does not need."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from typing import Any, Callable, Dict, List

import pytest
import worker

TURNS = 12
KILLS = 3

# Workers are forked from a process that has imported the frameworks, and that has no store open.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [
        "worker",
        "langgraph.graph",
        "langchain_core.messages",
        "loopstate.langgraph",
        "loopstate.claude",
        "loopstate.openai_agents",
        "loopstate.strands",
    ]
)


class Worker:
    def __init__(self, kind: str, place: Any, name: str, first: int) -> None:
        self._pipe, other = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=worker.work, args=(other, kind, place, name, first, TURNS), daemon=True)
        self.process.start()
        other.close()
        assert self._pipe.recv() == "ready"

    def go(self) -> None:
        self._pipe.send("go")

    def told(self, until: int) -> int:
        """Waits until it has done turn `until`, or is no more; returns the last one that it has done."""
        done = -1
        try:
            while done < until:
                done = self._pipe.recv()
        except EOFError:
            pass
        return done


def langgraph(store: Any) -> List[str]:
    from loopstate.langgraph import LoopstateSaver

    found = LoopstateSaver(store, user="ada").get_tuple({"configurable": {"thread_id": "chat", "checkpoint_ns": ""}})
    assert found is not None
    messages = found.checkpoint["channel_values"]["messages"]
    asked = [each.id for each in messages if each.type == "human"]
    assert sorted(each.id for each in messages if each.type == "ai") == sorted(f"answer-{each}" for each in asked)
    return asked


def claude(store: Any) -> List[str]:
    from loopstate.claude import LoopstateSessionStore

    loaded: Any = asyncio.run(LoopstateSessionStore(store, user="ada").load({"project_key": "proj", "session_id": "chat"}))
    turns = [each["turn"] for each in loaded]
    assert [turns[n : n + 3] for n in range(0, len(turns), 3)] == [[each] * 3 for each in turns[::3]]
    return turns[::3]


def openai_agents(store: Any) -> List[str]:
    from loopstate.openai_agents import LoopstateSession

    found: Any = asyncio.run(LoopstateSession("chat", store, user="ada").get_items())
    turns = [each["content"].split()[0] for each in found]
    assert turns[::2] == turns[1::2]
    return turns[::2]


def strands(store: Any) -> List[str]:
    from loopstate.strands import LoopstateSessionRepository

    found = LoopstateSessionRepository(store, user="ada").list_messages("chat", "bot")
    assert [each.message_id for each in found] == list(range(len(found)))
    return [each.message["content"][0]["text"] for each in found]


READERS: Dict[str, Callable[[Any], List[str]]] = {
    "langgraph": langgraph,
    "langgraph_pruned": langgraph,
    "claude": claude,
    "openai_agents": openai_agents,
    "strands": strands,
}


@pytest.mark.parametrize("kind", list(READERS))
def test_no_turn_is_lost_and_none_doubled(place: Any, kind: str) -> None:
    rng = random.Random(kind)
    with place.open():
        pass
    lasting, killed = Worker(kind, place, "lasting", 0), Worker(kind, place, "killed", 0)
    lasting.go()
    first = 0
    for _ in range(KILLS):
        killed.go()
        # The moment after one turn is in the middle of the next.
        done = killed.told(min(first + rng.randrange(3), TURNS - 2))
        killed.process.kill()
        # What it had told before it was killed counts as done.
        first = max(done, killed.told(TURNS)) + 1
        killed = Worker(kind, place, "killed", first)
    killed.go()
    for each in (lasting, killed):
        each.told(TURNS)
        each.process.join()
        assert each.process.exitcode == 0
    with place.open() as store:
        turns = READERS[kind](store)
    assert sorted(turns) == sorted(f"{name}-{number}" for name in ("lasting", "killed") for number in range(TURNS))
