"""OpenAI Agents on loopstate: a session.

from agents import Runner
from loopstate.openai_agents import LoopstateSession

with loopstate.open("embedded:./agent.db") as store:
    await Runner.run(agent, "Hello", session=LoopstateSession("chat-1", store, user="ada"))
"""

from __future__ import annotations

import json
from typing import Any, List, Optional

from agents.items import TResponseInputItem
from agents.memory.session import SessionABC
from agents.memory.session_settings import SessionSettings, resolve_session_limit

from . import errors
from ._steps import Driver, Steps, append_once, call, collection_name, insist, list_all, new_request_id, to_body

__all__ = ["LoopstateSession"]


class LoopstateSession(SessionABC):
    """The items of one conversation, each an appended document.

    Workers that add items at once lose none of them. Up to 90 items are added all or none.
    """

    def __init__(self, session_id: str, store: Any, *, user: str, session_settings: Optional[SessionSettings] = None) -> None:
        self.session_id = session_id
        self.session_settings = session_settings or SessionSettings()
        self.user = user
        self._driver = Driver(store, user)
        self._collection = collection_name("openai-agents", session_id)

    async def get_items(self, limit: Optional[int] = None) -> List[TResponseInputItem]:
        wanted = resolve_session_limit(limit, self.session_settings)
        if wanted is not None and wanted <= 0:
            return []
        return [json.loads(each.body) for each in await self._driver.arun(self._last(wanted))]

    def _last(self, wanted: Optional[int]) -> Steps[List[Any]]:
        if wanted is None:
            return (yield from list_all(self._collection))
        found: List[Any] = []
        after = None
        while len(found) < wanted:
            page = yield from call("list", self._collection, descending=True, after=after, limit=min(wanted - len(found), 1000))
            found.extend(page.documents)
            after = page.next
            if after is None:
                break
        return found[::-1]

    async def add_items(self, items: List[TResponseInputItem]) -> None:
        if isinstance(items, (str, bytes, dict)):
            raise TypeError(f"items is a list of items, not {type(items).__name__}")
        if items:
            bodies = [to_body(each) for each in items]
            await self._driver.arun(append_once(self._collection, bodies, new_request_id()))

    async def pop_item(self) -> Optional[TResponseInputItem]:
        popped = await self._driver.arun(self._pop())
        return json.loads(popped.body) if popped is not None else None

    def _pop(self) -> Steps[Any]:
        while True:
            page = yield from call("list", self._collection, descending=True, limit=1)
            if not page.documents:
                return None
            last = page.documents[0]
            request_id = new_request_id()
            try:
                yield from insist("remove", self._collection, last.key, at_version=last.version, request_id=request_id)
            except errors.VersionConflict:
                continue  # Somebody else has popped it.
            return last

    async def clear_session(self) -> None:
        await self._driver.arun(insist("drop", self._collection, request_id=new_request_id()))
