"""The same calls as coroutines."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any, Awaitable, Callable, List

import loopstate
import pytest
from places import Place
from loopstate import AsyncStore


def run(place: Place, body: Callable[[AsyncStore], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with loopstate.open_async(place.url, settings=place.settings, **options) as store:
            await body(store)
        assert store.closed

    asyncio.run(main())


def test_calls_are_coroutines(place: Place) -> None:
    async def body(store: AsyncStore) -> None:
        assert (await store.documents.append("ada", "chat", [b"a"])).last == 1
        page = await store.documents.list("ada", "chat")
        assert [each.body for each in page.documents] == [b"a"]
        with pytest.raises(loopstate.VersionConflict):
            await store.documents.append("ada", "chat", [b"b"], at_number=1)
        await store.link("card-1", "ada", "4242")
        assert (await store.lookup("card-1")).user == "ada"
        with pytest.raises(loopstate.NotFound):
            await store.lookup("card-2")

    run(place, body)


def test_many_calls_at_once_all_happen(place: Place) -> None:
    async def body(store: AsyncStore) -> None:
        users = [f"user-{n}" for n in range(25)]
        await asyncio.gather(*(store.documents.append(user, "chat", [b"x"]) for user in users for _ in range(4)))
        pages = await asyncio.gather(*(store.documents.list(user, "chat") for user in users))
        assert [len(page.documents) for page in pages] == [4] * 25

    run(place, body)


def test_a_body_is_streamed(place: Place) -> None:
    async def body(store: AsyncStore) -> None:
        async with store.documents.writer("ada", "files", "big") as writer:
            for _ in range(3):
                await writer.write(bytes(1 << 20))
        assert writer.stored.version == 1
        async with store.documents.reader("ada", "files", "big") as reader:
            assert reader.document.size == 3 << 20
            assert sum([len(piece) async for piece in reader]) == 3 << 20
        reader = await store.documents.reader("ada", "files", "big")
        assert len(await reader.read()) == 3 << 20
        await reader.close()

    run(place, body)


def test_an_exception_abandons_a_writer(file: Place) -> None:
    async def body(store: AsyncStore) -> None:
        with pytest.raises(ZeroDivisionError):
            async with store.documents.writer("ada", "files", "big") as writer:
                await writer.write(b"x")
                1 / 0
        with pytest.raises(loopstate.NotFound):
            await store.documents.get("ada", "files", "big")

    run(file, body)


def test_calls_run_beside_the_loop(file: Place) -> None:
    async def body(store: AsyncStore) -> None:
        seen: List[str] = []

        def change(context: loopstate.Context) -> loopstate.Context:
            seen.append(threading.current_thread().name)
            return context

        await store.get_or_init("ada")
        await store.update("ada", change)
        assert seen and all(name.startswith("loopstate") for name in seen)

    run(file, body)


def test_a_cancelled_call_leaves_the_store_usable(file: Place) -> None:
    async def body(store: AsyncStore) -> None:
        for n in range(50):
            task = asyncio.ensure_future(store.documents.append("ada", "chat", [b"x" * 1000], request_id=f"turn-{n}"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # Whatever became of it: with the same request id it is there once.
            await store.documents.append("ada", "chat", [b"x" * 1000], request_id=f"turn-{n}")
        page = await store.documents.list("ada", "chat", limit=1000)
        assert len(page.documents) == 50

    run(file, body)


def test_a_cancelled_stream_can_be_closed(file: Place) -> None:
    async def body(store: AsyncStore) -> None:
        await store.documents.put("ada", "files", "big", bytes(8 << 20))
        for _ in range(20):
            async with store.documents.reader("ada", "files", "big") as reader:
                task = asyncio.ensure_future(reader.next_piece())
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    run(file, body)


def test_more_calls_than_threads_wait_their_turn(file: Place) -> None:
    async def body(store: AsyncStore) -> None:
        await asyncio.gather(*(store.documents.append("ada", "chat", [b"x"]) for _ in range(20)))
        assert (await store.documents.collections_of("ada"))[0].appended == 20

    run(file, body, threads=1)


def test_a_store_that_is_open_already_serves_a_loop(file: Place) -> None:
    with file.open() as store:

        async def main() -> None:
            both = AsyncStore(store)
            await both.documents.append("ada", "chat", [b"x"])
            assert both.store is store

        asyncio.run(main())
        asyncio.run(main())
        assert store.documents.collections_of("ada")[0].appended == 2


def test_opening_fails_as_it_does_without_a_loop() -> None:
    async def main() -> None:
        with pytest.raises(loopstate.InvalidArgument):
            await loopstate.open_async("nonsense:")
        with pytest.raises(ValueError):
            await loopstate.open_async("embedded:./unused.db", threads=0)

    asyncio.run(main())


def test_what_is_taken_of_a_store_keeps_its_threads(file: Place) -> None:
    async def documents() -> Any:
        store = await loopstate.open_async(file.url)
        await store.documents.append("ada", "chat", [b"x"])
        return store.documents

    async def go_on() -> int:
        kept = await documents()
        gc.collect()
        return int((await kept.append("ada", "chat", [b"x"])).last)

    assert asyncio.run(go_on()) == 2
