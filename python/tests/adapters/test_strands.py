"""Strands' sessions and storage, and the framework driven without a model."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncIterator, Callable, List

import pytest
from loopstate.strands import LoopstateSessionRepository, LoopstateStorage
from strands import Agent
from strands.models import Model
from strands.session.repository_session_manager import RepositorySessionManager
from strands.session.snapshot_session_manager import SnapshotSessionManager
from strands.storage import Storage
from strands.types.exceptions import SessionException, StorageError
from strands.types.session import Session, SessionAgent, SessionMessage, SessionType


class Echo(Model):
    """Answers with how many messages it was given."""

    def update_config(self, **_: Any) -> None: ...

    def get_config(self) -> Any:
        return {}

    def structured_output(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    async def stream(self, messages: Any, *_: Any, **__: Any) -> AsyncIterator[Any]:  # type: ignore[override]
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": f"{len(messages)} messages"}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}


def message(text: str, number: int) -> SessionMessage:
    return SessionMessage.from_message({"role": "user", "content": [{"text": text}]}, number)


def texts(found: List[SessionMessage]) -> List[str]:
    return [each.to_message()["content"][0]["text"] for each in found]


def test_the_repository(store: Any) -> None:
    ours = LoopstateSessionRepository(store, user="ada")
    assert ours.read_session("s") is None
    ours.create_session(Session(session_id="s", session_type=SessionType.AGENT))
    with pytest.raises(SessionException, match="already exists"):
        ours.create_session(Session(session_id="s", session_type=SessionType.AGENT))
    found = ours.read_session("s")
    assert found is not None and found.session_id == "s"
    assert ours.read_agent("s", "a/1") is None
    with pytest.raises(SessionException):
        ours.update_agent("s", SessionAgent(agent_id="a/1", state={}, conversation_manager_state={}))
    ours.create_agent("s", SessionAgent(agent_id="a/1", state={"n": 1}, conversation_manager_state={}, created_at="then"))
    ours.update_agent("s", SessionAgent(agent_id="a/1", state={"n": 2, "raw": b"\0\xff"}, conversation_manager_state={}))
    agent = ours.read_agent("s", "a/1")
    assert agent is not None and (agent.state, agent.created_at) == ({"n": 2, "raw": b"\0\xff"}, "then")
    for number in range(25):
        ours.create_message("s", "a/1", message(f"m{number}", number))
    ours.create_message("s", "a", message("another agent's", 0))
    assert texts(ours.list_messages("s", "a/1")) == [f"m{number}" for number in range(25)]
    assert texts(ours.list_messages("s", "a/1", limit=3, offset=20)) == ["m20", "m21", "m22"]
    assert texts(ours.list_messages("s", "a/1", offset=24)) == ["m24"]
    assert ours.list_messages("s", "a/1", offset=25) == []
    redacted = message("m3", 3)
    redacted.redact_message = {"role": "user", "content": [{"text": "redacted"}]}
    ours.update_message("s", "a/1", redacted)
    read = ours.read_message("s", "a/1", 3)
    assert read is not None and read.to_message()["content"] == [{"text": "redacted"}]
    with pytest.raises(SessionException):
        ours.update_message("s", "a/1", message("none", 99))
    ours.delete_session("s")
    assert ours.read_session("s") is None
    with pytest.raises(SessionException):
        ours.delete_session("s")


def test_two_workers_number_their_messages_one_after_the_other(store: Any) -> None:
    one, other = LoopstateSessionRepository(store, user="ada"), LoopstateSessionRepository(store, user="ada")
    first, second = message("one", 0), message("other", 0)
    one.create_message("s", "a", first)
    other.create_message("s", "a", second)
    one.create_message("s", "a", first)
    assert texts(one.list_messages("s", "a")) == ["one", "other"]
    assert second.message_id == 1


class Meanwhile:
    """A store's documents, just before whose next `put` something happens."""

    def __init__(self, store: Any, happens: Callable[[], object]) -> None:
        self._documents, self._happens = store.documents, [happens]
        self.documents = self

    def __getattr__(self, name: str) -> Any:
        if name == "put" and self._happens:
            self._happens.pop()()
        return getattr(self._documents, name)


@pytest.mark.parametrize("anew", [False, True])
def test_what_is_updated_does_not_come_back_after_its_session_was_deleted(store: Any, anew: bool) -> None:
    other = LoopstateSessionRepository(store, user="ada")

    def deleted() -> None:
        other.delete_session("s")
        if anew:
            other.create_message("s", "a", message("new", 0))

    for update in (
        lambda ours: ours.update_message("s", "a", message("old", 0)),
        lambda ours: ours.update_agent("s", SessionAgent(agent_id="a", state={}, conversation_manager_state={})),
    ):
        other.create_agent("s", SessionAgent(agent_id="a", state={}, conversation_manager_state={}))
        other.create_message("s", "a", message("old", 0))
        with pytest.raises(SessionException, match="does not exist"):
            update(LoopstateSessionRepository(Meanwhile(store, deleted), user="ada"))
        assert texts(other.list_messages("s", "a")) == (["new"] if anew else [])
        assert other.read_agent("s", "a") is None
        if anew:
            other.delete_session("s")


def test_an_agent_that_two_workers_update_at_once_is_as_the_last_one_says(store: Any) -> None:
    other = LoopstateSessionRepository(store, user="ada")
    other.create_agent("s", SessionAgent(agent_id="a", state={}, conversation_manager_state={}))
    theirs = SessionAgent(agent_id="a", state={"n": 1}, conversation_manager_state={})
    ours = LoopstateSessionRepository(Meanwhile(store, lambda: other.update_agent("s", theirs)), user="ada")
    ours.update_agent("s", SessionAgent(agent_id="a", state={"n": 2}, conversation_manager_state={}))
    found = other.read_agent("s", "a")
    assert found is not None and found.state == {"n": 2}


def test_it_needs_a_store_that_is_not_asynchronous(open_async: Any) -> None:
    async def run() -> None:
        LoopstateSessionRepository(await open_async(), user="ada")

    with pytest.raises(TypeError, match="synchronous"):
        asyncio.run(run())


def test_an_agent_goes_on_with_its_session(store: Any) -> None:
    for number in range(5):
        manager = RepositorySessionManager("chat-1", LoopstateSessionRepository(store, user="ada"))
        agent = Agent(model=Echo(), session_manager=manager, callback_handler=None, agent_id="bot")
        assert str(agent(f"turn {number}")).strip() == f"{2 * number + 1} messages"
        assert agent.state.get("count") == (number or None)
        agent.state.set("count", number + 1)
        manager.sync_agent(agent)


def test_the_storage(store: Any) -> None:
    async def run() -> None:
        ours = LoopstateStorage(store, user="ada")
        assert isinstance(ours, Storage)
        assert await ours.read("a/b") is None
        await ours.write("a/b", b"\0one")
        await ours.write("a/b", b"two")
        await ours.write("a/c", b"")
        await ours.write("b", b"a text about money")
        assert await ours.read("a/b") == b"two"
        assert await ours.list("a/") == ["a/b", "a/c"]
        assert await ours.list("") == ["a/b", "a/c", "b"]
        assert [each.key for each in await ours.search("money")] == ["b"]
        await ours.delete("a/b")
        await ours.delete("a/b")
        assert await ours.list("a") == ["a/c"]
        for refused in ("", "x" * 401):
            with pytest.raises(StorageError):
                await ours.write(refused, b"x")

    asyncio.run(run())


def test_snapshots_in_the_storage(store: Any) -> None:
    for number in range(3):
        manager = SnapshotSessionManager("chat-1", storage=LoopstateStorage(store, user="ada"))
        agent = Agent(model=Echo(), session_manager=manager, callback_handler=None, agent_id="bot")
        assert str(agent(f"turn {number}")).strip() == f"{2 * number + 1} messages"


def test_half_of_a_surrogate_pair_is_kept_as_it_is(store: Any) -> None:
    repository = LoopstateSessionRepository(store, user="ada")
    repository.create_message("s", "a", message("a\ud83d", 0))
    assert texts(repository.list_messages("s", "a")) == ["a\ud83d"]
