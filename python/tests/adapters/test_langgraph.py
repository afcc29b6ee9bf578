"""LangGraph driven without a model: turns, interrupts, branches, subgraphs, encryption, channels kept as writes."""

from __future__ import annotations

import asyncio
import operator
import os
import signal
import threading
from typing import Annotated, Any, Dict, List, Optional, TypedDict

import loopstate
import pytest
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command, interrupt
from loopstate._together import Entry, Together
from loopstate.langgraph import LoopstateSaver

CHAT: Any = {"configurable": {"thread_id": "chat-1"}}


def chat(saver: Any, answer: Any = None) -> Any:
    def agent(state: MessagesState) -> Dict[str, Any]:
        return (answer or echo)(state)

    return StateGraph(MessagesState).add_node("agent", agent).add_edge(START, "agent").compile(checkpointer=saver)


def echo(state: MessagesState) -> Dict[str, Any]:
    last = state["messages"][-1]
    return {"messages": [AIMessage(f"you said {last.content}", id=f"answer-{last.id}")]}


def turn(number: int) -> Dict[str, Any]:
    return {"messages": [HumanMessage(f"turn {number} " * 20, id=str(number))]}


def ids(graph: Any, config: Any = CHAT) -> List[str]:
    return [each.id for each in graph.get_state(config).values["messages"]]


def test_a_conversation_goes_on_in_another_process(store: Any) -> None:
    expected = []
    for number in range(40):
        chat(LoopstateSaver(store, user="ada")).invoke(turn(number), CHAT)
        expected += [str(number), f"answer-{number}"]
    graph = chat(LoopstateSaver(store, user="ada"))
    assert ids(graph) == expected
    assert len(list(graph.get_state_history(CHAT))) == 120
    assert chat(LoopstateSaver(store, user="bob")).get_state(CHAT).values == {}


def test_what_a_conversation_takes_grows_with_it_and_no_faster(store: Any) -> None:
    graph = chat(LoopstateSaver(store, user="ada"))
    taken = []
    for number in range(90):
        graph.invoke(turn(number), CHAT)
        if number % 30 == 29:
            taken.append(sum(each.size for each in documents(store, "langgraph/chat-1")))
    first, second, third = taken[0], taken[1] - taken[0], taken[2] - taken[1]
    assert second < 1.25 * first
    assert third < 1.1 * second


def documents(store: Any, collection: str) -> List[Any]:
    found: List[Any] = []
    after = None
    while True:
        page = store.documents.list("ada", collection, limit=1000, after=after)
        found += page.documents
        after = page.next
        if after is None:
            return found


def test_edited_removed_and_summarised_messages(store: Any) -> None:
    saver, judge = LoopstateSaver(store, user="ada"), InMemorySaver()
    for graph in (chat(saver), chat(judge)):
        for number in range(30):
            graph.invoke(turn(number), CHAT)
        graph.update_state(CHAT, {"messages": [HumanMessage("edited", id="3")]})
        graph.update_state(CHAT, {"messages": [RemoveMessage(id="7")]})
        graph.invoke(turn(30), CHAT)
        graph.update_state(CHAT, {"messages": [RemoveMessage(id="__remove_all__"), HumanMessage("a summary", id="summary")]})
        graph.invoke(turn(31), CHAT)
    fresh = chat(LoopstateSaver(store, user="ada"))
    expected = chat(judge).get_state_history(CHAT)
    assert [each.values for each in fresh.get_state_history(CHAT)] == [each.values for each in expected]


def test_a_message_that_a_node_changes_in_place_is_stored_as_changed(store: Any) -> None:
    def answer(state: MessagesState) -> Dict[str, Any]:
        state["messages"][0].content = f"seen {len(state['messages'])} times"
        return echo(state)

    saver, judge = LoopstateSaver(store, user="ada"), InMemorySaver()
    for graph in (chat(saver, answer), chat(judge, answer)):
        for number in range(6):
            graph.invoke(turn(number), CHAT)
    assert chat(LoopstateSaver(store, user="ada")).get_state(CHAT).values == chat(judge).get_state(CHAT).values


def test_time_travel_makes_a_branch(store: Any) -> None:
    graph = chat(LoopstateSaver(store, user="ada"))
    for number in range(5):
        graph.invoke(turn(number), CHAT)
    past = next(each for each in graph.get_state_history(CHAT) if len(each.values["messages"]) == 4)
    graph.invoke(turn(90), past.config)
    expected = ["0", "answer-0", "1", "answer-1", "90", "answer-90"]
    assert ids(chat(LoopstateSaver(store, user="ada"))) == expected
    graph.invoke(turn(91), CHAT)
    assert ids(graph) == [*expected, "91", "answer-91"]


def test_an_interrupted_run_goes_on_from_where_it_was(store: Any) -> None:
    def ask(state: MessagesState) -> Dict[str, Any]:
        return {"messages": [AIMessage(interrupt("may I?"), id="granted")]}

    def graph() -> Any:
        saver = LoopstateSaver(store, user="ada")
        return StateGraph(MessagesState).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=saver)

    assert graph().invoke(turn(0), CHAT)["__interrupt__"][0].value == "may I?"
    assert graph().invoke(Command(resume="yes"), CHAT)["messages"][-1].content == "yes"


class Total(TypedDict):
    numbers: Annotated[List[int], operator.add]


def test_parallel_tasks_and_subgraphs(store: Any) -> None:
    inner = StateGraph(Total).add_node("one", lambda _: {"numbers": [10]}).add_edge(START, "one").compile(checkpointer=True)
    outer = (
        StateGraph(Total).add_node("inner", inner).add_node("two", lambda _: {"numbers": [2]}).add_node("three", lambda _: {"numbers": [3]})
    )
    for name in ("inner", "two", "three"):
        outer.add_edge(START, name)
    states = []
    for saver in (LoopstateSaver(store, user="ada"), InMemorySaver()):
        graph = outer.compile(checkpointer=saver)
        for number in range(5):
            graph.invoke({"numbers": [number]}, CHAT)
        states.append([each.values for each in graph.get_state_history(CHAT)])
    assert states[0] == states[1]


def crowd(saver: Any) -> Any:
    outer = StateGraph(Total)
    for number in range(40):
        outer.add_node(f"n{number}", lambda _, number=number: {"numbers": [number]}).add_edge(START, f"n{number}")  # type: ignore[misc]
    return outer.compile(checkpointer=saver)


def test_many_tasks_that_end_at_once(store: Any, open_async: Any) -> None:
    async def run() -> None:
        await crowd(LoopstateSaver(await open_async(), user="bob")).ainvoke({"numbers": []}, CHAT)

    crowd(LoopstateSaver(store, user="ada")).invoke({"numbers": []}, CHAT)
    asyncio.run(run())
    for user in ("ada", "bob"):
        saver = LoopstateSaver(store, user=user)
        assert sorted(crowd(saver).get_state(CHAT).values["numbers"]) == list(range(40))
        # Its own input, and those of the tasks.
        assert sum(len(each.pending_writes or ()) for each in saver.list(CHAT)) >= 40


def appended(first: int) -> Any:
    return loopstate.AppendedDocuments(first, first, "generation")


def test_appends_at_the_same_time_go_out_together_and_fail_one_by_one() -> None:
    calls: List[List[bytes]] = []
    gate = threading.Event()

    def append(bodies: List[bytes], at: Optional[int], generation: Optional[str]) -> Any:
        calls.append(list(bodies))
        if len(calls) == 1:
            gate.wait()
        if b"bad" in bodies:
            raise loopstate.ItemTooLarge("no")
        return appended(100 * len(calls))

    together = Together()
    results: Dict[bytes, Any] = {}

    def one(body: bytes) -> None:
        try:
            results[body] = together.append("place", Entry(body), append)
        except loopstate.Error as error:
            results[body] = error.code

    bodies = [b"first", b"second", b"bad", b"third"]
    threads = [threading.Thread(target=one, args=(body,)) for body in bodies]
    threads[0].start()
    while not calls:
        pass
    for each in threads[1:]:
        each.start()
    while len(together._waiting["place"]) < 3:
        pass
    gate.set()
    for each in threads:
        each.join()
    assert [len(each) for each in calls] == [1, 3, 1, 1, 1]
    assert results[b"first"] == 100 and results[b"bad"] == "ItemTooLarge"
    assert {results[b"second"], results[b"third"]} < {300, 400, 500}
    assert together._waiting == {}


def test_one_that_is_to_get_a_number_is_first_and_is_refused_alone() -> None:
    calls: List[Any] = []
    gate = threading.Event()
    together = Together()
    noted: List[Any] = []

    def append(bodies: List[bytes], at: Optional[int], generation: Optional[str]) -> Any:
        calls.append((at, generation, *bodies))
        if len(calls) == 1:
            gate.wait()
        if at == 7:
            raise loopstate.VersionConflict("it goes on at 8")
        return appended(100 * len(calls))

    entries = [Entry(b"first"), Entry(b"a"), Entry(b"refused", lambda: 7, None, "old"), Entry(b"b"), Entry(b"at 300", lambda: 300), Entry(b"no", lambda: 0, None, "old")]
    results: Dict[bytes, Any] = {}

    def one(entry: Entry) -> None:
        try:
            results[entry.body] = together.append("place", entry._replace(noted=lambda *what: noted.append(what)), append)
        except loopstate.Error as error:
            results[entry.body] = error.code

    threads = [threading.Thread(target=one, args=(entry,)) for entry in entries]
    for count, each in enumerate(threads):
        each.start()
        while not calls or len(together._waiting["place"]) < count:
            pass
    gate.set()
    for each in threads:
        each.join()
    assert calls == [(None, None, b"first"), (7, "old", b"refused", b"a", b"b"), (None, None, b"a", b"b"), (300, None, b"at 300")]
    assert results == {b"first": 100, b"refused": "VersionConflict", b"a": 300, b"b": 301, b"at 300": 400, b"no": 0}
    assert noted == [(number, "generation") for number in (100, 300, 301, 400)]
    assert together._waiting == {}


def test_a_child_of_fork_does_not_wait_for_its_parents_threads() -> None:
    called, gate = threading.Event(), threading.Event()

    def append(bodies: List[bytes], at: Optional[int], generation: Optional[str]) -> Any:
        called.set()
        gate.wait()
        return appended(1)

    together = Together()
    parent = threading.Thread(target=together.append, args=("place", Entry(b"the parent's"), append))
    parent.start()
    called.wait()
    with together._lock:  # As another thread may hold it.
        child = os.fork()
        if not child:
            signal.alarm(60)
            os._exit(together.append("place", Entry(b"the child's"), lambda bodies, at, generation: appended(7)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    gate.set()
    parent.join()


def test_the_asynchronous_methods(open_async: Any) -> None:
    async def run() -> None:
        store = await open_async()
        for number in range(10):
            await chat(LoopstateSaver(store, user="ada")).ainvoke(turn(number), CHAT, durability="async")
        graph = chat(LoopstateSaver(store, user="ada"))
        state = await graph.aget_state(CHAT)
        assert [each.id for each in state.values["messages"]][::2] == [str(number) for number in range(10)]
        with pytest.raises(TypeError, match="asynchronous"):
            graph.get_state(CHAT)

    asyncio.run(run())


class Xor:
    """Another text at each time."""

    count = 0

    def encrypt(self, plaintext: bytes) -> Any:
        self.count = self.count % 255 + 1
        return "xor", bytes([self.count]) + bytes(each ^ self.count for each in plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        return bytes(each ^ ciphertext[0] for each in ciphertext[1:])


def test_encrypted_conversations_grow_no_faster(store: Any) -> None:
    serde = EncryptedSerializer(Xor())
    for number in range(40):
        chat(LoopstateSaver(store, user="ada", serde=serde)).invoke(turn(number), CHAT)
    stored = documents(store, "langgraph/chat-1")
    assert not any(b"turn" in each.body for each in stored)
    assert sum(each.size for each in stored) < 40 * 8000
    assert len(ids(chat(LoopstateSaver(store, user="ada", serde=serde)))) == 80


def added(state: Any, writes: Any) -> Any:
    return [*(state or []), *(each for write in writes for each in write)]


class Deltas(TypedDict):
    messages: Annotated[List[Any], DeltaChannel(added, snapshot_frequency=7)]
    rest: str


@pytest.mark.parametrize("keep", ["everything", "the latest checkpoint", "one run"])
def test_a_channel_that_langgraph_keeps_as_writes(store: Any, keep: str) -> None:
    def graph(saver: Any) -> Any:
        def agent(state: Any) -> Any:
            return {"messages": [f"answer {len(state['messages'])}"], "rest": "x"}

        return StateGraph(Deltas).add_node("agent", agent).add_edge(START, "agent").compile(checkpointer=saver)

    judge = graph(InMemorySaver())
    for number in range(12):
        config = {**CHAT, "metadata": {"run_id": f"run {number}"}}
        graph(LoopstateSaver(store, user="ada")).invoke({"messages": [f"turn {number}"]}, config)
        judge.invoke({"messages": [f"turn {number}"]}, config)
    saver = LoopstateSaver(store, user="ada")
    if keep == "the latest checkpoint":
        saver.prune(["chat-1"])
        assert len(list(saver.list(CHAT))) == 1
    elif keep == "one run":
        saver.delete_for_runs([f"run {number}" for number in range(11)])
    assert graph(saver).get_state(CHAT).values == judge.get_state(CHAT).values
    graph(saver).invoke({"messages": ["one more"]}, CHAT)
    judge.invoke({"messages": ["one more"]}, CHAT)
    assert graph(LoopstateSaver(store, user="ada")).get_state(CHAT).values == judge.get_state(CHAT).values


def test_the_second_of_two_runs_from_one_checkpoint_is_told(store: Any) -> None:
    first, second = chat(LoopstateSaver(store, user="ada")), chat(LoopstateSaver(store, user="ada"))
    first.invoke(turn(0), CHAT)

    def meanwhile(state: MessagesState) -> Dict[str, Any]:
        if state["messages"][-1].id == "1":
            second.invoke(turn(2), CHAT)
        return echo(state)

    slow = chat(LoopstateSaver(store, user="ada"), meanwhile)
    with pytest.raises(loopstate.VersionConflict, match="another run"):
        slow.invoke(turn(1), CHAT, durability="sync")
    graph = chat(LoopstateSaver(store, user="ada"))
    graph.invoke(turn(3), CHAT)
    # The turn of the refused run had been stored, unanswered, when the other one began: it is in the conversation.
    assert ids(graph) == ["0", "answer-0", "1", "2", "answer-2", "3", "answer-3"]


def test_runs_may_be_allowed_to_branch(store: Any) -> None:
    savers = [LoopstateSaver(store, user="ada", guard_turns=False) for _ in range(2)]
    for saver in savers:
        assert saver.get_tuple({"configurable": {"thread_id": "t", "checkpoint_ns": ""}}) is None
    for saver in savers:
        chat(saver).invoke(turn(1), CHAT)
    assert len(list(savers[0].list(CHAT))) == 6


def test_a_run_outlives_the_deletion_of_what_it_is_based_on(store: Any) -> None:
    saver = LoopstateSaver(store, user="ada")
    graph = chat(saver)
    for number in range(20):
        graph.invoke(turn(number), {**CHAT, "metadata": {"run_id": f"run {number}"}})
    before = ids(graph)

    def meanwhile(state: MessagesState) -> Dict[str, Any]:
        LoopstateSaver(store, user="ada").delete_for_runs([f"run {number}" for number in range(20)])
        return echo(state)

    chat(saver, meanwhile).invoke(turn(20), {**CHAT, "metadata": {"run_id": "run 20"}}, durability="sync")
    graph = chat(LoopstateSaver(store, user="ada"))
    assert ids(graph) == [*before, "20", "answer-20"]
    assert {each.metadata["run_id"] for each in LoopstateSaver(store, user="ada").list(CHAT)} == {"run 20"}


def test_erased_messages_are_gone_from_the_store(store: Any) -> None:
    graph = chat(LoopstateSaver(store, user="ada"))
    graph.invoke({"messages": [HumanMessage("secret", id="s")]}, {**CHAT, "metadata": {"run_id": "run s"}})
    for number in range(30):
        graph.invoke(turn(number), CHAT)
    graph.update_state(CHAT, {"messages": [RemoveMessage(id="s"), RemoveMessage(id="answer-s")]})
    assert any(b"secret" in each.body for each in documents(store, "langgraph/chat-1"))
    LoopstateSaver(store, user="ada").prune(["chat-1"])
    assert not any(b"secret" in each.body for each in documents(store, "langgraph/chat-1"))
    assert len(ids(chat(LoopstateSaver(store, user="ada")))) == 60


def test_names_that_no_collection_may_have(store: Any) -> None:
    thread: Any = {"configurable": {"thread_id": "x" * 500 + "\n"}}
    chat(LoopstateSaver(store, user="ada")).invoke(turn(1), thread)
    (found, *_) = LoopstateSaver(store, user="ada").list(None)
    assert found.config["configurable"]["thread_id"] == "x" * 500 + "\n"
    LoopstateSaver(store, user="ada").delete_thread("x" * 500 + "\n")
    assert list(LoopstateSaver(store, user="ada").list(None)) == []
