"""Strands on loopstate: sessions message by message, and a storage of whatever else an agent keeps.

from strands import Agent
from strands.session.repository_session_manager import RepositorySessionManager
from loopstate.strands import LoopstateSessionRepository

repository = LoopstateSessionRepository(store, user="ada")
agent = Agent(session_manager=RepositorySessionManager("chat-1", repository))
"""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from strands.session.session_repository import SessionRepository
from strands.storage.search.keyword import KeywordSearchStrategy
from strands.storage.storage import StorageSearchResult
from strands.types.exceptions import SessionException, StorageError
from strands.types.session import Session, SessionAgent, SessionMessage

from . import errors
from ._steps import Driver, Steps, call, collection_name, insist, label, list_all, new_request_id, to_body

if TYPE_CHECKING:
    from strands.multiagent import MultiAgentBase

__all__ = ["LoopstateSessionRepository", "LoopstateStorage"]


class LoopstateSessionRepository(SessionRepository):
    """A session is a collection, and everything in it a document: the session, its agents, each message.

    Two workers may go on with one session: a message whose number another one has taken gets the next one. The interface
    is synchronous, so `store` is a Store.
    """

    def __init__(self, store: Any, *, user: str) -> None:
        self.user = user
        self._driver = Driver(store, user)
        if self._driver.is_async:
            raise TypeError("Strands' session repositories are synchronous: give it a Store")

    def create_session(self, session: Session, **kwargs: Any) -> Session:
        if not self._put(session.session_id, "session", session.to_dict(), if_absent=True):
            raise SessionException(f"Session {session.session_id} already exists")
        return session

    def read_session(self, session_id: str, **kwargs: Any) -> Optional[Session]:
        found = self._get(session_id, "session")
        return Session.from_dict(found) if found is not None else None

    def delete_session(self, session_id: str, **kwargs: Any) -> None:
        if not self._driver.run(insist("drop", _session(session_id), request_id=new_request_id())):
            raise SessionException(f"Session {session_id} does not exist")

    def create_agent(self, session_id: str, session_agent: SessionAgent, **kwargs: Any) -> None:
        self._put(session_id, _agent(session_agent.agent_id), session_agent.to_dict())

    def read_agent(self, session_id: str, agent_id: str, **kwargs: Any) -> Optional[SessionAgent]:
        found = self._get(session_id, _agent(agent_id))
        return SessionAgent.from_dict(found) if found is not None else None

    def update_agent(self, session_id: str, session_agent: SessionAgent, **kwargs: Any) -> None:
        key = _agent(session_agent.agent_id)
        while True:
            previous = self._find(session_id, key)
            if previous is None:
                raise SessionException(f"Agent {session_agent.agent_id} in session {session_id} does not exist")
            session_agent.created_at = SessionAgent.from_dict(json.loads(previous.body)).created_at
            if self._put(session_id, key, session_agent.to_dict(), at_version=previous.version):
                return

    def create_message(self, session_id: str, agent_id: str, session_message: SessionMessage, **kwargs: Any) -> None:
        while not self._put(session_id, _message(agent_id, session_message.message_id), session_message.to_dict(), if_absent=True):
            stored = self.read_message(session_id, agent_id, session_message.message_id)
            if stored is not None and stored.to_dict() == session_message.to_dict():
                return  # Ours, of an attempt whose answer was lost.
            session_message.message_id = self._driver.run(self._next_message(session_id, agent_id))

    def read_message(self, session_id: str, agent_id: str, message_id: int, **kwargs: Any) -> Optional[SessionMessage]:
        found = self._get(session_id, _message(agent_id, message_id))
        return SessionMessage.from_dict(found) if found is not None else None

    def update_message(self, session_id: str, agent_id: str, session_message: SessionMessage, **kwargs: Any) -> None:
        key = _message(agent_id, session_message.message_id)
        created_at: Optional[str] = None
        while True:
            previous = self._find(session_id, key)
            stored = SessionMessage.from_dict(json.loads(previous.body)) if previous is not None else None
            # With another time it is one of a session that was deleted, and begun anew, meanwhile.
            if previous is None or stored is None or created_at not in (None, stored.created_at):
                raise SessionException(f"Message {session_message.message_id} does not exist")
            session_message.created_at = created_at = stored.created_at
            if self._put(session_id, key, session_message.to_dict(), at_version=previous.version):
                return

    def list_messages(
        self, session_id: str, agent_id: str, limit: Optional[int] = None, offset: int = 0, **kwargs: Any
    ) -> List[SessionMessage]:
        found = self._driver.run(self._messages(session_id, agent_id, limit, offset))
        return [SessionMessage.from_dict(json.loads(each.body)) for each in found]

    def create_multi_agent(self, session_id: str, multi_agent: "MultiAgentBase", **kwargs: Any) -> None:
        self._put(session_id, f"multi-agent/{label(multi_agent.id)}", multi_agent.serialize_state())

    def read_multi_agent(self, session_id: str, multi_agent_id: str, **kwargs: Any) -> Optional[Dict[str, Any]]:
        return self._get(session_id, f"multi-agent/{label(multi_agent_id)}")

    def update_multi_agent(self, session_id: str, multi_agent: "MultiAgentBase", **kwargs: Any) -> None:
        key = f"multi-agent/{label(multi_agent.id)}"
        while True:
            previous = self._find(session_id, key)
            if previous is None:
                raise SessionException(f"MultiAgent state {multi_agent.id} in session {session_id} does not exist")
            if self._put(session_id, key, multi_agent.serialize_state(), at_version=previous.version):
                return

    def _put(self, session_id: str, key: str, value: Dict[str, Any], **options: Any) -> bool:
        try:
            self._driver.run(insist("put", _session(session_id), key, to_body(value), request_id=new_request_id(), **options))
        except errors.VersionConflict:
            return False
        return True

    def _find(self, session_id: str, key: str) -> Any:
        """The document, or None."""
        try:
            return self._driver.run(call("get", _session(session_id), key))
        except errors.NotFound:
            return None

    def _get(self, session_id: str, key: str) -> Optional[Dict[str, Any]]:
        found = self._find(session_id, key)
        if found is None:
            return None
        value: Dict[str, Any] = json.loads(found.body)
        return value

    def _next_message(self, session_id: str, agent_id: str) -> Steps[int]:
        last = yield from call("list", _session(session_id), prefix=_message(agent_id, None), descending=True, limit=1, without_bodies=True)
        return int(last.documents[0].key.rsplit("/", 1)[1]) + 1 if last.documents else 0

    def _messages(self, session_id: str, agent_id: str, limit: Optional[int], offset: int) -> Steps[List[Any]]:
        prefix = _message(agent_id, None)
        first = prefix
        if offset > 0:
            keys = yield from list_all(_session(session_id), prefix=prefix, without_bodies=True)
            if offset >= len(keys):
                return []
            first = keys[offset].key
        found = yield from list_all(_session(session_id), from_=first, to=f"{prefix}~", at_most=limit)
        return found


class LoopstateStorage:
    """Strands' `Storage`: bytes under keys, each a document. For `Agent(storage=...)` and `SnapshotSessionManager`.

    A snapshot holds the whole conversation and is written over at each turn: a long conversation, or one with several
    workers, is better kept by `LoopstateSessionRepository`.
    """

    def __init__(self, store: Any, *, user: str, name: str = "default") -> None:
        self.user = user
        self._driver = Driver(store, user)
        self._collection = collection_name("strands-storage", name)

    async def write(self, key: str, data: bytes) -> None:
        await self._ask(insist("put", self._collection, _storage_key(key), bytes(data), request_id=new_request_id()), key)

    async def read(self, key: str) -> Optional[bytes]:
        try:
            found: bytes = (await self._driver.arun(call("get", self._collection, _storage_key(key)))).body
        except errors.NotFound:
            return None
        except errors.Error as error:
            raise StorageError(f"{key}: {error}") from error
        return found

    async def delete(self, key: str) -> None:
        await self._ask(insist("remove", self._collection, _storage_key(key), request_id=new_request_id()), key)

    async def list(self, query: str = "") -> builtins.list[str]:
        found = await self._ask(list_all(self._collection, prefix=query or None, without_bodies=True), query)
        return [each.key for each in found]

    async def search(self, query: str) -> builtins.list[StorageSearchResult]:
        return await KeywordSearchStrategy().search(self, query)

    async def _ask(self, steps: Steps[Any], key: str) -> Any:
        try:
            return await self._driver.arun(steps)
        except errors.Error as error:
            raise StorageError(f"{key}: {error}") from error


def _storage_key(key: str) -> str:
    if not key:
        raise StorageError("a storage key must not be empty")
    return key


def _session(session_id: str) -> str:
    return collection_name("strands", session_id)


def _agent(agent_id: str) -> str:
    return f"agent/{label(agent_id)}"


def _message(agent_id: str, message_id: Optional[int]) -> str:
    """Without a number: what the keys of all the agent's messages begin with."""
    if message_id is not None and not isinstance(message_id, int):
        raise ValueError(f"message_id={message_id}: a message's id is an integer")
    return f"message/{label(agent_id)}/" + ("" if message_id is None else f"{message_id:012}")
