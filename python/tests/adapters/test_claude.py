"""The Claude Agent SDK's own judge of session stores, and what it does not ask."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, List

import loopstate
import pytest
from claude_agent_sdk import get_session_messages_from_store, list_sessions_from_store
from claude_agent_sdk.testing import run_session_store_conformance
from loopstate.claude import LoopstateSessionStore

KEY: Any = {"project_key": "proj", "session_id": "sess"}


def test_conformance_with_a_store(store: Any) -> None:
    users = itertools.count()
    asyncio.run(run_session_store_conformance(lambda: LoopstateSessionStore(store, user=f"user {next(users)}")))


def test_conformance_with_an_async_store(open_async: Any) -> None:
    users = itertools.count()

    async def run() -> None:
        store = await open_async()
        await run_session_store_conformance(lambda: LoopstateSessionStore(store, user=f"user {next(users)}"))

    asyncio.run(run())


def entries(first: int, count: int) -> List[Any]:
    return [{"type": "user", "uuid": f"u{n}", "timestamp": "2026-01-01T00:00:00.000Z", "n": n} for n in range(first, first + count)]


def test_a_batch_that_is_appended_again_is_read_once(store: Any) -> None:
    async def run() -> None:
        ours = LoopstateSessionStore(store, user="ada")
        await ours.append(KEY, entries(0, 250))
        await ours.append(KEY, entries(100, 200))
        await LoopstateSessionStore(store, user="ada").append(KEY, entries(0, 10))
        assert await ours.load(KEY) == entries(0, 300)

    asyncio.run(run())


def test_a_refused_batch_that_is_repeated_is_stored_once_even_without_uuids(store: Any) -> None:
    class Losing:
        """Answers get lost after the documents have been stored."""

        def __init__(self) -> None:
            self.lost = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(store.documents, name)

        def append(self, *arguments: Any, **options: Any) -> Any:
            stored = store.documents.append(*arguments, **options)
            self.lost += 1
            if self.lost <= 4:
                raise loopstate.OutcomeUnknown("the answer was lost", retryable=True)
            return stored

    class Broken:
        documents = Losing()

    async def run() -> None:
        ours = LoopstateSessionStore(Broken(), user="ada")
        title: Any = [{"type": "custom-title", "customTitle": "a title"}]
        with pytest.raises(loopstate.OutcomeUnknown):
            await ours.append(KEY, title)
        await ours.append(KEY, title)
        await ours.append(KEY, title)
        assert await ours.load(KEY) == title * 2

    asyncio.run(run())


def test_a_batch_is_stored_when_it_is_in_the_transcript_whatever_becomes_of_the_summary(store: Any) -> None:
    class Throttled:
        """Too busy for the summary."""

        def __init__(self) -> None:
            self.documents = self

        def __getattr__(self, name: str) -> Any:
            return getattr(store.documents, name)

        def get(self, *arguments: Any, **options: Any) -> Any:
            raise loopstate.Throttled("too many requests", retryable=True)

    async def run() -> None:
        title: Any = [{"type": "custom-title", "customTitle": "a title"}]
        await LoopstateSessionStore(Throttled(), user="ada").append(KEY, title)
        ours = LoopstateSessionStore(store, user="ada")
        assert await ours.load(KEY) == title
        assert [each["data"]["custom_title"] for each in await ours.list_session_summaries(KEY["project_key"])] == ["a title"]

    asyncio.run(run())


def test_processes_that_append_at_once_lose_nothing_of_transcript_or_summary(store: Any) -> None:
    async def run() -> None:
        writers = [LoopstateSessionStore(store, user="ada") for _ in range(4)]
        await asyncio.gather(*(each.append(KEY, entries(100 * n + k, 1)) for n, each in enumerate(writers) for k in range(20)))
        loaded = await writers[0].load(KEY)
        assert loaded is not None
        assert sorted(each["n"] for each in loaded) == sorted(100 * n + k for n in range(4) for k in range(20))  # type: ignore[typeddict-item]
        assert [each["session_id"] for each in await writers[0].list_session_summaries("proj")] == ["sess"]

    asyncio.run(run())


def test_a_summary_catches_up_with_a_writer_that_died_before_it_wrote_one(store: Any) -> None:
    async def run() -> None:
        ours = LoopstateSessionStore(store, user="ada")
        await ours.append(KEY, [{"type": "custom-title", "customTitle": "old"}])  # type: ignore[typeddict-unknown-key]
        store.documents.append("ada", "claude/proj/sess", [b'{"type":"custom-title","customTitle":"new"}'])
        (summary,) = await ours.list_session_summaries("proj")
        (listed,) = await ours.list_sessions("proj")
        assert summary["data"]["custom_title"] == "new"
        assert summary["mtime"] >= listed["mtime"]

    asyncio.run(run())


def test_the_sdk_lists_and_reads_what_it_has_mirrored(store: Any) -> None:
    chat: List[Any] = []
    for number in range(6):
        chat.append(
            {
                "type": "user" if number % 2 == 0 else "assistant",
                "uuid": f"00000000-0000-4000-8000-{number:012}",
                "parentUuid": f"00000000-0000-4000-8000-{number - 1:012}" if number else None,
                "sessionId": "11111111-1111-4111-8111-111111111111",
                "timestamp": f"2026-01-01T00:00:0{number}.000Z",
                "isSidechain": False,
                "message": {"role": "user" if number % 2 == 0 else "assistant", "content": f"line {number}"},
            }
        )
    session = "11111111-1111-4111-8111-111111111111"

    async def run() -> None:
        from claude_agent_sdk import project_key_for_directory

        ours = LoopstateSessionStore(store, user="ada")
        project = project_key_for_directory("/tmp")
        await ours.append({"project_key": project, "session_id": session}, chat)
        listed = await list_sessions_from_store(ours, directory="/tmp")
        assert [(each.session_id, each.first_prompt) for each in listed] == [(session, "line 0")]
        messages = await get_session_messages_from_store(ours, session, directory="/tmp")
        assert [each.message["content"] for each in messages] == [f"line {number}" for number in range(6)]

    asyncio.run(run())


def test_long_and_odd_names(store: Any) -> None:
    async def run() -> None:
        ours = LoopstateSessionStore(store, user="ada")
        names = ["a/b", "a", "a%2Fb", "x" * 300, "x" * 301]
        for name in names:
            for subpath in (None, "b", "subagents/" + "y" * 300, "\x01"):
                key: Any = {"project_key": "p/" * 100, "session_id": name, **({"subpath": subpath} if subpath else {})}
                await ours.append(key, [{"type": f"{name} {subpath}"}])
        for name in names:
            key = {"project_key": "p/" * 100, "session_id": name}
            assert sorted(await ours.list_subkeys(key)) == ["\x01", "b", "subagents/" + "y" * 300]
            assert await ours.load(key) == [{"type": f"{name} None"}]
        await ours.delete({"project_key": "p/" * 100, "session_id": "a"})
        assert sorted(each["session_id"] for each in await ours.list_sessions("p/" * 100)) == sorted(set(names) - {"a"})
        assert await ours.load({"project_key": "p/" * 100, "session_id": "a/b", "subpath": "b"}) == [{"type": "a/b b"}]

    asyncio.run(run())


def test_a_session_that_another_process_deleted_is_listed_when_it_goes_on_and_can_be_deleted_again(store: Any) -> None:
    below: Any = {**KEY, "subpath": "subagents/1"}

    async def run() -> None:
        ours, other = LoopstateSessionStore(store, user="ada"), LoopstateSessionStore(store, user="ada")
        for key in (KEY, below):
            await ours.append(key, entries(0, 3))
        await other.delete(KEY)
        for key in (KEY, below):
            await ours.append(key, entries(3, 1))
        assert await other.load(KEY) == entries(3, 1)
        assert [each["session_id"] for each in await other.list_sessions("proj")] == ["sess"]
        assert await other.list_subkeys(KEY) == ["subagents/1"]
        await other.delete(KEY)
        assert await ours.load(below) is None

    asyncio.run(run())
