"""One of two workers on one conversation. It tells each turn when it is done.

Turns are numbered, and a worker makes sure of each before it goes on, as one that delivers at least once has to.
"""

from __future__ import annotations

import asyncio
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Callable, Dict, List

import loopstate


def langgraph(store: Any, prunes: bool = False) -> Callable[[str], None]:
    from langchain_core.messages import AIMessage, HumanMessage
    from langgraph.graph import START, MessagesState, StateGraph
    from loopstate.langgraph import LoopstateSaver

    def agent(state: MessagesState) -> Dict[str, Any]:
        asked = [each for each in state["messages"] if each.type == "human"]
        answered = {each.id for each in state["messages"] if each.type == "ai"}
        # Also the turn of a worker that was killed.
        return {"messages": [AIMessage(f"to {each.id}", id=f"answer-{each.id}") for each in asked if f"answer-{each.id}" not in answered]}

    config: Any = {"configurable": {"thread_id": "chat"}}
    saver = LoopstateSaver(store, user="ada")
    graph = StateGraph(MessagesState).add_node("agent", agent).add_edge(START, "agent").compile(checkpointer=saver)

    def take(turn: str) -> None:
        if prunes:
            saver.prune(["chat"])
        while True:
            messages = graph.get_state(config).values.get("messages", [])
            if any(each.id == f"answer-{turn}" for each in messages):
                return
            try:
                graph.invoke({"messages": [HumanMessage(f"turn {turn}", id=turn)]}, config)
                return
            except loopstate.VersionConflict:
                continue

    return take


def claude(store: Any) -> Callable[[str], None]:
    from loopstate.claude import LoopstateSessionStore

    ours = LoopstateSessionStore(store, user="ada")
    key: Any = {"project_key": "proj", "session_id": "chat"}

    def take(turn: str) -> None:
        entries: List[Any] = [{"type": "user", "uuid": f"{turn}-{n}", "turn": turn} for n in range(3)]
        asyncio.run(ours.append(key, entries))

    return take


def openai_agents(store: Any) -> Callable[[str], None]:
    from loopstate.openai_agents import LoopstateSession

    session = LoopstateSession("chat", store, user="ada")

    async def once(turn: str) -> None:
        found: List[Any] = await session.get_items()
        if not any(each["content"] == f"{turn} asked" for each in found):
            await session.add_items([{"role": "user", "content": f"{turn} asked"}, {"role": "assistant", "content": f"{turn} answered"}])

    return lambda turn: asyncio.run(once(turn))


def strands(store: Any) -> Callable[[str], None]:
    from loopstate.strands import LoopstateSessionRepository
    from strands.types.session import SessionMessage

    repository = LoopstateSessionRepository(store, user="ada")

    def take(turn: str) -> None:
        found = repository.list_messages("chat", "bot")
        if not any(each.message["content"][0]["text"] == turn for each in found):
            message = SessionMessage.from_message({"role": "user", "content": [{"text": turn}]}, len(found))
            repository.create_message("chat", "bot", message)

    return take


KINDS: Dict[str, Callable[[Any], Callable[[str], None]]] = {
    "langgraph": langgraph,
    "langgraph_pruned": partial(langgraph, prunes=True),
    "claude": claude,
    "openai_agents": openai_agents,
    "strands": strands,
}


def work(pipe: Connection, kind: str, place: Any, name: str, first: int, end: int) -> None:
    with place.open() as store:
        take = KINDS[kind](store)
        pipe.send("ready")
        pipe.recv()
        for number in range(first, end):
            take(f"{name}-{number}")
            pipe.send(number)
