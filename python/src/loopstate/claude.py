"""The Claude Agent SDK on loopstate: a store of session transcripts.

from claude_agent_sdk import ClaudeAgentOptions
from loopstate.claude import LoopstateSessionStore

options = ClaudeAgentOptions(session_store=LoopstateSessionStore(store, user="ada"))
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any, Dict, List, Optional, Tuple, cast

from claude_agent_sdk import fold_session_summary
from claude_agent_sdk.types import (
    SessionKey,
    SessionListSubkeysKey,
    SessionStore,
    SessionStoreEntry,
    SessionStoreListEntry,
    SessionSummaryEntry,
)

from . import errors
from ._steps import Driver, Steps, append_once, call, collection_name, document_key, insist, label, list_all, new_request_id, to_body

__all__ = ["LoopstateSessionStore"]


class LoopstateSessionStore(SessionStore):
    """Transcripts, each a collection to which its entries are appended, and a list of them for each project.

    Several processes may append to one session. An entry that is appended again, as its `uuid` tells, is read once.
    """

    def __init__(self, store: Any, *, user: str) -> None:
        self.user = user
        self._driver = Driver(store, user)
        self._listed: set[Tuple[str, str]] = set()
        #: The batch of each transcript that was last refused, and its request id, for the SDK's own repetition.
        self._unsure: Dict[str, Tuple[str, str]] = {}

    async def append(self, key: SessionKey, entries: List[SessionStoreEntry]) -> None:
        if entries:
            await self._driver.arun(self._append(key, entries))

    async def load(self, key: SessionKey) -> Optional[List[SessionStoreEntry]]:
        documents = await self._driver.arun(list_all(_transcript(key)))
        return _unique(documents) if documents else None

    async def list_sessions(self, project_key: str) -> List[SessionStoreListEntry]:
        return [
            {"session_id": each["session_id"], "mtime": each["mtime"]} for each in await self._driver.arun(self._summaries(project_key))
        ]

    async def list_session_summaries(self, project_key: str) -> List[SessionSummaryEntry]:
        return await self._driver.arun(self._summaries(project_key))

    async def delete(self, key: SessionKey) -> None:
        await self._driver.arun(self._delete(key))

    async def list_subkeys(self, key: SessionListSubkeysKey) -> List[str]:
        prefix = _listing(key["session_id"], "")
        listed = await self._driver.arun(list_all(_project(key["project_key"]), prefix=prefix))
        found = [json.loads(each.body) for each in listed]
        return [each["subpath"] for each in found if each["session_id"] == key["session_id"]]

    def _append(self, key: SessionKey, entries: List[SessionStoreEntry]) -> Steps[None]:
        project, transcript = _project(key["project_key"]), _transcript(key)
        listing = _listing(key["session_id"], key.get("subpath"))
        if (project, listing) not in self._listed:
            # Before the transcript itself, so that no transcript is ever without it.
            yield from self._list(key)
        bodies = [to_body(each) for each in entries]
        batch = hashlib.sha256(b"\n".join(bodies)).hexdigest()
        before = self._unsure.pop(transcript, None)
        request_id = before[1] if before is not None and before[0] == batch else new_request_id()
        try:
            numbers = yield from append_once(transcript, bodies, request_id)
            if numbers[0] == 1:
                # The first after another process has deleted the transcript, and what was listed with it.
                yield from self._list(key)
        except errors.Error:
            self._unsure[transcript] = (batch, request_id)
            raise
        if key.get("subpath") is None:
            try:
                yield from self._fold(key["project_key"], key["session_id"])
            except errors.Error:
                pass  # The entries are stored. Whoever asks for the summary, or appends next, brings it up to them.

    def _list(self, key: SessionKey) -> Steps[None]:
        project, listing = _project(key["project_key"]), _listing(key["session_id"], key.get("subpath"))
        first: Dict[str, Any] = {"session_id": key["session_id"], "subpath": key.get("subpath"), "upto": 0, "mtime": _now(), "data": {}}
        try:
            yield from call("put", project, listing, to_body(first), if_absent=True)
        except errors.VersionConflict:
            pass
        self._listed.add((project, listing))

    def _fold(self, project_key: str, session_id: str) -> Steps[Optional[SessionSummaryEntry]]:
        """Brings the summary up to the end of the transcript."""
        key: SessionKey = {"project_key": project_key, "session_id": session_id}
        project, listing = _project(project_key), _listing(session_id, None)
        while True:
            try:
                stored = yield from call("get", project, listing)
            except errors.NotFound:
                self._listed.discard((project, listing))
                return None  # Deleted meanwhile.
            known = json.loads(stored.body)
            summary = _summary(known)
            documents = yield from list_all(_transcript(key), from_=document_key(known["upto"] + 1))
            if not documents:
                return summary
            # A new summary is begun with nothing, not with the empty one that is stored.
            begun = summary if known["upto"] else None
            folded = fold_session_summary(begun, key, [json.loads(each.body) for each in documents])
            known["data"] = folded["data"]
            known["upto"] = int(documents[-1].key)
            known["mtime"] = max(_now(), known["mtime"] + 1)
            try:
                yield from call("put", project, listing, to_body(known), at_version=stored.version)
            except errors.VersionConflict:
                continue
            return _summary(known)

    def _summaries(self, project_key: str) -> Steps[List[SessionSummaryEntry]]:
        listed = yield from list_all(_project(project_key))
        known = [each for each in (json.loads(each.body) for each in listed) if each["subpath"] is None]
        if not known:
            return []
        infos = yield from call("collections_of")
        appended = {each.collection: each.appended for each in infos}
        found: List[SessionSummaryEntry] = []
        for each in known:
            count = appended.get(_transcript({"project_key": project_key, "session_id": each["session_id"]}), 0)
            if count == 0:
                continue  # Its first entries are still on their way, or never came.
            if count == each["upto"]:
                found.append(_summary(each))
                continue
            folded = yield from self._fold(project_key, each["session_id"])
            if folded is not None:
                found.append(folded)
        return found

    def _delete(self, key: SessionKey) -> Steps[None]:
        project, subpath = _project(key["project_key"]), key.get("subpath")
        listings = [(_listing(key["session_id"], subpath), _transcript(key))]
        if subpath is None:
            for each in (yield from list_all(project, prefix=_listing(key["session_id"], ""))):
                entry = json.loads(each.body)
                if entry["session_id"] == key["session_id"]:
                    below = cast(SessionKey, {**key, "subpath": entry["subpath"]})
                    listings.append((each.key, _transcript(below)))
        for listing, transcript in reversed(listings):
            yield from insist("drop", transcript, request_id=new_request_id())
            yield from insist("remove", project, listing, request_id=new_request_id())
            # What was appended in between found itself listed still.
            yield from insist("drop", transcript, request_id=new_request_id())
            self._listed.discard((project, listing))


def _project(project_key: str) -> str:
    return collection_name("claude-sessions", project_key)


def _transcript(key: SessionKey) -> str:
    parts = [key["project_key"], key["session_id"]]
    subpath = key.get("subpath")
    if subpath is not None:
        parts.append(subpath)
    return collection_name("claude", "/".join(label(each) for each in parts))


def _listing(session_id: str, subpath: Optional[str]) -> str:
    """The key in the project's list. With an empty `subpath`: what all those of the session's subpaths begin with."""
    session = label(session_id)
    if len(session.encode()) > 150:
        session = "#" + hashlib.sha256(session.encode()).hexdigest()
    if subpath is None:
        return session
    below = label(subpath)
    if len(below.encode()) > 200:
        below = "#" + hashlib.sha256(below.encode()).hexdigest()
    return f"{session}/{below}"


def _summary(known: Dict[str, Any]) -> SessionSummaryEntry:
    return {"session_id": known["session_id"], "mtime": known["mtime"], "data": known["data"]}


def _unique(documents: List[Any]) -> List[SessionStoreEntry]:
    entries: List[SessionStoreEntry] = []
    seen = set()
    for document in documents:
        entry = json.loads(document.body)
        uuid = entry.get("uuid")
        if uuid is not None:
            if uuid in seen:
                continue
            seen.add(uuid)
        entries.append(entry)
    return entries


def _now() -> int:
    return int(time.time() * 1000)
