"""A program as somebody writes it who checks it with mypy --strict. What must not pass is marked: mypy complains if it passes."""

from __future__ import annotations

import datetime
from typing import List, Optional

import loopstate
from loopstate import Document, NewDocument, Store


def texts(store: Store, user: str) -> List[str]:
    page: loopstate.DocumentPage = store.documents.list(user, "chat-1", limit=20, without_bodies=False)
    return [document.body.decode() for document in page.documents]


def write(store: Store) -> int:
    stored = store.documents.put("ada", "notes", "plan", b"x", meta={"a": [1]}, lifetime=datetime.timedelta(days=1))
    appended = store.documents.append("ada", "chat-1", [b"a", NewDocument(b"b", meta=None, lifetime=60)], timeout=2.5)
    with store.documents.writer("ada", "files", "f") as writer:
        count: int = writer.write(memoryview(b"x"))
    with store.documents.reader("ada", "files", "f") as reader:
        head: Document = reader.document
        pieces: List[bytes] = list(reader)
    expires: Optional[int] = head.expires_at
    card: loopstate.Card = store.lookup("card-1", may_be_stale=True)
    print(card.user, pieces, expires)
    return stored.version + appended.last + count


def read(store: Store) -> str:
    try:
        return store.documents.get("ada", "notes", "plan").body.decode()
    except loopstate.VersionConflict as error:
        return "" if error.conflict is None else error.conflict.current.pubkey
    except loopstate.Error as error:
        return f"{error.code}: {error.message} {error.retryable}"


async def main() -> None:
    async with loopstate.open_async("embedded:./typed.db", threads=4) as store:
        page = await store.documents.list("ada", "chat-1")
        print([each.size for each in page.documents])
        async with store.documents.reader("ada", "files", "f") as reader:
            async for piece in reader:
                print(len(piece))
        sync: Store = store.store
        print(sync.closed)


def wrong(store: Store) -> None:
    store.documents.get("ada", "notes")  # type: ignore[call-arg]
    store.documents.get("ada", "notes", "plan", at=1)  # type: ignore[call-arg]
    store.documents.put("ada", "notes", "plan", "text")  # type: ignore[arg-type]
    store.documents.put("ada", "notes", "plan", b"", {"meta": 1})  # type: ignore[call-arg]
    store.documents.get("ada", "notes", "plan").version = 7  # type: ignore[misc]
    store.documents.get("ada", "notes", "plan").body.encode()  # type: ignore[attr-defined]
    store.no_such_call()  # type: ignore[attr-defined]
    loopstate.NoSuchError  # type: ignore[attr-defined]
