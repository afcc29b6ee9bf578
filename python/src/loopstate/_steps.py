"""One way of writing an adapter's calls for both sorts of store.

An adapter's work is a generator that yields the calls it wants made and is sent their results; `Driver` makes them, on a
Store or on an AsyncStore.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import uuid
from functools import partial
from typing import Any, Callable, Dict, Generator, List, NamedTuple, Optional, Set, Tuple, TypeVar

from . import errors
from ._together import MOST_APPENDED, Entry, Together

T = TypeVar("T")


class Call(NamedTuple):
    """A method of `store.documents`, without the user, who is the driver's."""

    method: str
    arguments: Tuple[Any, ...]
    options: "dict[str, Any]"


Steps = Generator[Call, Any, T]


def call(method: str, *arguments: Any, **options: Any) -> Steps[Any]:
    return (yield Call(method, arguments, options))


class Driver:
    def __init__(self, store: Any, user: str) -> None:
        if not isinstance(user, str) or not user:
            raise ValueError("user: whose documents these are, a name of 1 to 200 bytes")
        if not hasattr(store, "documents"):
            given = "what is still to be awaited" if hasattr(store, "__await__") else type(store).__name__
            raise TypeError(f"store is what loopstate.open returns, or an AsyncStore, not {given}")
        self.store = store
        self.user = user
        self._documents = store.documents
        self._together = Together()
        #: The appends to a collection that the coroutines of an event loop wait for.
        self._under_way: Dict[Any, Set[asyncio.Event]] = {}
        self.is_async = inspect.iscoroutinefunction(self._documents.append)

    def run(self, steps: Steps[T]) -> T:
        if self.is_async:
            steps.close()
            raise TypeError("this was made with an AsyncStore: use its asynchronous methods, or give it a Store")
        result: Any = None
        error: Optional[BaseException] = None
        while True:
            try:
                asked = steps.throw(error) if error is not None else steps.send(result)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            error = None
            try:
                if asked.method == "append_together":
                    collection, entry = asked.arguments
                    result = self._together.append(collection, entry, partial(self._append, collection))
                    continue
                result = getattr(self._documents, asked.method)(self.user, *asked.arguments, **asked.options)
            except Exception as raised:
                error = raised

    def _append(self, collection: str, bodies: List[bytes], at: Optional[int], generation: Optional[str]) -> Any:
        return self._documents.append(self.user, collection, bodies, at_number=at, in_generation=generation)

    async def arun(self, steps: Steps[T]) -> T:
        if not self.is_async:
            return await asyncio.to_thread(self.run, steps)
        result: Any = None
        error: Optional[BaseException] = None
        while True:
            try:
                asked = steps.throw(error) if error is not None else steps.send(result)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            error = None
            try:
                if asked.method == "append_together":
                    result = await self._aappend(*asked.arguments)
                    continue
                result = await getattr(self._documents, asked.method)(self.user, *asked.arguments, **asked.options)
            except Exception as raised:
                error = raised


    async def _aappend(self, collection: str, entry: Entry) -> int:
        place = (asyncio.get_running_loop(), collection)
        at: Optional[int] = None
        generation = entry.generation if entry.at is not None else None
        if entry.at is not None:
            for each in list(self._under_way.get(place, ())):
                await each.wait()  # It might get the number.
            at = entry.at()
            if at == 0:
                return 0
        done = asyncio.Event()
        self._under_way.setdefault(place, set()).add(done)
        try:
            appended = await self._documents.append(self.user, collection, [entry.body], at_number=at, in_generation=generation)
            if entry.noted is not None:
                entry.noted(appended.first, appended.generation)
            return int(appended.first)
        finally:
            done.set()
            self._under_way[place].discard(done)
            if not self._under_way[place]:
                del self._under_way[place]


def collection_name(kind: str, name: str) -> str:
    """`kind/name`, or a digest of it where that is no name of a collection."""
    if not isinstance(name, str):
        raise TypeError(f"{kind}: a name is text, not {type(name).__name__}")
    plain = f"{kind}/{name}"
    if len(plain.encode()) <= 200 and not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in name):
        return plain
    return f"{kind}#{hashlib.sha256(name.encode()).hexdigest()}"


def list_all(
    collection: str, *, at_most: Optional[int] = None, seen: Optional[Callable[[Any], None]] = None, **options: Any
) -> Steps[List[Any]]:
    """Every document of the range, page by page, each of which is shown to `seen`."""
    documents: List[Any] = []
    after: Optional[str] = None
    while at_most is None or len(documents) < at_most:
        limit = 1000 if at_most is None else min(at_most - len(documents), 1000)
        page = yield from call("list", collection, limit=limit, after=after, **options)
        if seen is not None:
            seen(page)
        documents.extend(page.documents)
        after = page.next
        if after is None:
            break
    return documents


def append_once(collection: str, documents: List[Any], request_id: str) -> Steps[List[int]]:
    """Appends in calls of at most 90 documents; returns their numbers. Under the same request id, once however often."""
    numbers: List[int] = []
    for place in range(0, len(documents), MOST_APPENDED):
        some = documents[place : place + MOST_APPENDED]
        appended = yield from insist("append", collection, some, request_id=f"{request_id}-{place // MOST_APPENDED}")
        numbers.extend(range(appended.first, appended.last + 1))
    return numbers


def insist(method: str, *arguments: Any, **options: Any) -> Steps[Any]:
    """A call that may be repeated: its request id or its version tells a repetition, or what is stored twice is read once."""
    for _ in range(2):
        try:
            return (yield Call(method, arguments, options))
        except errors.Error as error:
            if not error.retryable and not isinstance(error, errors.OutcomeUnknown):
                raise
    return (yield Call(method, arguments, options))


def append_together(collection: str, entry: Entry) -> Steps[int]:
    """Appends one document, together with what others of this process append; returns its number."""
    number: int = yield from insist("append_together", collection, entry)
    return number


def new_request_id() -> str:
    """Short of the 36 characters that one may have, so that `append_once` can number the parts."""
    return uuid.uuid4().hex[:28]


def label(text: str) -> str:
    """For a key whose parts are between slashes."""
    return text.replace("%", "%25").replace("/", "%2F").replace("\0", "%00")


def to_body(value: Any) -> bytes:
    """As JSON. Half a surrogate pair, which may come from a model, is kept as it is: `json.loads` takes it back."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def document_key(number: int) -> str:
    return f"{number:020}"
