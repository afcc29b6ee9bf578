"""A store, for code on an event loop: the same calls as coroutines, each on a thread beside the loop."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import (
    Any,
    AsyncContextManager,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Generic,
    Mapping,
    Optional,
    Type,
    TypeVar,
)

from ._async_calls import (
    AsyncBackupCalls,
    AsyncDocumentsCalls,
    AsyncPepperCalls,
    AsyncQuestionsCalls,
    AsyncStoreCalls,
)
from ._lock import Lock
from ._types import Body, Context, Document, Seconds, StoredDocument
from .store import Store
from .store import open as open_store
from .streams import DocumentReader, DocumentWriter

T = TypeVar("T")
R = TypeVar("R", bound="_Closing")
Trace = Optional[TracebackType]


def _check_threads(count: int) -> None:
    if count < 1:
        raise ValueError(f"threads: {count}, but a call needs one")


class _Threads:
    """The threads of one store. They end when nobody has it any more. A child process has none of its parent's, and makes its own."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = Lock()
        self._executor: Optional[ThreadPoolExecutor] = None
        self._process = os.getpid()

    def _running(self) -> ThreadPoolExecutor:
        if self._executor is None or self._process != os.getpid():
            with self._lock:
                if self._executor is None or self._process != os.getpid():
                    self._executor = ThreadPoolExecutor(self._count, thread_name_prefix="loopstate")
                    self._process = os.getpid()
        return self._executor

    async def run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._running(), call)


def _type(error: Optional[BaseException]) -> Optional[Type[BaseException]]:
    return None if error is None else type(error)


class _Closing:
    async def _close(self, error: Optional[BaseException]) -> None:
        raise NotImplementedError


class _Opening(Generic[R]):
    """What opens something: `x = await opening`, or `async with opening as x`."""

    def __init__(self, open_it: Callable[[], Awaitable[R]]) -> None:
        self._open_it = open_it
        self._opened: Optional[R] = None

    def __await__(self) -> Generator[Any, None, R]:
        return self._open_it().__await__()

    async def __aenter__(self) -> R:
        self._opened = await self._open_it()
        return self._opened

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Trace) -> None:
        assert self._opened is not None
        await self._opened._close(error)


class AsyncDocumentReader(_Closing):
    """DocumentReader for code on an event loop: `async for piece in reader`."""

    def __init__(self, reader: DocumentReader, threads: _Threads) -> None:
        self._reader = reader
        self._threads = threads

    @property
    def document(self) -> Document:
        """The document, without its body."""
        return self._reader.document

    async def next_piece(self) -> bytes:
        """What comes next; nothing at the end."""
        return await self._threads.run(self._reader.next_piece)

    async def read(self, size: Optional[int] = -1) -> bytes:
        """At most `size` bytes, fewer only at the end; without a size, all that is left."""
        return await self._threads.run(partial(self._reader.read, size))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            piece = await self.next_piece()
            if not piece:
                return
            yield piece

    async def close(self) -> None:
        await self._threads.run(self._reader.close)

    async def _close(self, error: Optional[BaseException]) -> None:
        await self._threads.run(partial(self._reader.__exit__, _type(error), error, None))


class AsyncDocumentWriter(_Closing):
    """DocumentWriter for code on an event loop."""

    def __init__(self, writer: DocumentWriter, threads: _Threads) -> None:
        self._writer = writer
        self._threads = threads

    async def write(self, piece: Body) -> int:
        """What comes next in the body. Raises: Erased, ItemTooLarge, VersionConflict."""
        return await self._threads.run(partial(self._writer.write, piece))

    async def finish(self) -> StoredDocument:
        """Stores the document. Raises: VersionConflict, Erased, ItemTooLarge."""
        return await self._threads.run(self._writer.finish)

    async def abandon(self) -> None:
        """Removes what was written."""
        await self._threads.run(self._writer.abandon)

    @property
    def stored(self) -> StoredDocument:
        """What `finish`, or the end of the `async with`, has stored."""
        return self._writer.stored

    async def _close(self, error: Optional[BaseException]) -> None:
        await self._threads.run(partial(self._writer.__exit__, _type(error), error, None))


class AsyncDocuments(AsyncDocumentsCalls):
    """`store.documents` of an AsyncStore."""

    def __init__(self, store: Store, threads: _Threads) -> None:
        super().__init__(store.documents, threads.run)
        self._store = store
        self._threads = threads

    def reader(
        self, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None
    ) -> _Opening[AsyncDocumentReader]:
        """As `Documents.reader`: `async with`, or `await`."""

        async def open_it() -> AsyncDocumentReader:
            made = await self._threads.run(partial(self._store.documents.reader, user, collection, key, timeout=timeout))
            return AsyncDocumentReader(made, self._threads)

        return _Opening(open_it)

    def writer(
        self,
        user: str,
        collection: str,
        key: str,
        *,
        meta: Any = None,
        lifetime: Optional[Seconds] = None,
        at_version: Optional[int] = None,
        if_absent: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> _Opening[AsyncDocumentWriter]:
        """As `Documents.writer`: `async with`, or `await`."""
        make = partial(
            self._store.documents.writer,
            user,
            collection,
            key,
            meta=meta,
            lifetime=lifetime,
            at_version=at_version,
            if_absent=if_absent,
            request_id=request_id,
            timeout=timeout,
        )

        async def open_it() -> AsyncDocumentWriter:
            return AsyncDocumentWriter(await self._threads.run(make), self._threads)

        return _Opening(open_it)


class AsyncStore(AsyncStoreCalls, _Closing):
    """The calls of a Store as coroutines.

    A call runs on one of `threads` threads of this store's own; more calls than threads wait for their turn. A call whose task is
    cancelled goes on beside the loop: repeat it with the same request id to learn what came of it.
    """

    def __init__(self, store: Store, *, threads: int = 32) -> None:
        if not isinstance(store, Store):
            raise TypeError(f"store is what loopstate.open returns, not {type(store).__name__}; or use loopstate.open_async(url)")
        _check_threads(threads)
        self._threads = _Threads(threads)
        super().__init__(store, self._threads.run)
        #: The same store, for code that waits.
        self.store = store
        self.documents = AsyncDocuments(store, self._threads)
        self.questions = AsyncQuestionsCalls(store.questions, self._threads.run)
        self.pepper = AsyncPepperCalls(store.pepper, self._threads.run)
        self.backup = AsyncBackupCalls(store.backup, self._threads.run)

    async def update(
        self,
        user: str,
        change: Callable[[Context], Context],
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """As `Store.update`; `change` runs on another thread."""
        return await self._threads.run(partial(self.store.update, user, change, request_id=request_id, timeout=timeout))

    @property
    def closed(self) -> bool:
        return self.store.closed

    async def close(self) -> None:
        """Waits for the calls in flight, and ends the readers and writers that are open. Later calls are errors."""
        await self._threads.run(self.store.close)

    async def _close(self, error: Optional[BaseException]) -> None:
        await self.close()

    async def __aenter__(self) -> AsyncStore:
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Trace) -> None:
        await self.close()


def open_async(
    url: Optional[str] = None,
    *,
    mode: str = "create_if_missing",
    settings: Optional[Mapping[str, Optional[str]]] = None,
    threads: int = 32,
) -> _Opening[AsyncStore]:
    """Opens a store as `loopstate.open` does: `async with loopstate.open_async(...) as store`, or `store = await ...`.

        threads: how many calls run at once.
    """

    async def open_it() -> AsyncStore:
        _check_threads(threads)  # before there is a store
        loop = asyncio.get_running_loop()
        store = await loop.run_in_executor(None, partial(open_store, url, mode=mode, settings=settings))
        return AsyncStore(store, threads=threads)

    return _Opening(open_it)
