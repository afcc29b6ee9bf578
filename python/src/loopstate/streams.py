"""A document's body piece by piece."""

from __future__ import annotations

import io
import warnings
from types import TracebackType
from typing import Any, Iterator, Optional, Type, Union

from ._calls import DocumentsReaderCalls, DocumentsWriterCalls
from ._library import Connection
from ._lock import Lock
from ._types import Body, Document, Seconds, StoredDocument

Trace = Optional[TracebackType]


class DocumentReader:
    """A body as it is read: pieces of up to 1.4 MB.

    with store.documents.reader("ada", "recordings", "call-1") as reader:
        for piece in reader:
            ...

    `read` and `readinto` are those of a file, so `shutil.copyfileobj(reader, file)` works; `file()` is one with lines and a buffer.
    One call at a time: those of other threads wait. VersionConflict: the document was replaced or removed meanwhile.
    """

    def __init__(
        self, connection: Connection, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None
    ) -> None:
        self._number: Optional[int] = None
        self._calls = DocumentsReaderCalls(connection)
        self._lock = Lock()
        self._piece = b""
        self._at = 0
        opened = self._calls.open(user, collection, key, timeout=timeout)
        self._number = opened.reader
        #: The document, without its body.
        self.document: Document = opened.document

    def next_piece(self) -> bytes:
        """What comes next; nothing at the end."""
        with self._lock:
            if self._at < len(self._piece):
                rest, self._piece, self._at = self._piece[self._at :], b"", 0
                return rest
            return self._next()

    def _have_some(self) -> None:
        """Something of a piece is left, unless this is the end."""
        if self._at == len(self._piece):
            self._piece, self._at = self._next(), 0

    def _next(self) -> bytes:
        if self._number is None:
            raise ValueError("read of a closed DocumentReader")
        return self._calls.next(self._number)

    def __iter__(self) -> Iterator[bytes]:
        while True:
            piece = self.next_piece()
            if not piece:
                return
            yield piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Union[bytearray, memoryview]) -> int:
        """Fills the buffer as far as one piece reaches; 0 at the end."""
        into = memoryview(buffer).cast("B")
        if not into:
            return 0
        with self._lock:
            self._have_some()
            count = min(len(into), len(self._piece) - self._at)
            into[:count] = memoryview(self._piece)[self._at : self._at + count]
            self._at += count
            return count

    def read(self, size: Optional[int] = -1) -> bytes:
        """At most `size` bytes, fewer only at the end; without a size, all that is left."""
        if size is None or size < 0:
            return b"".join(self)
        parts = []
        while size > 0:
            with self._lock:
                self._have_some()
                part = self._piece[self._at : self._at + size]
                self._at += len(part)
            if not part:
                break
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def file(self) -> io.BufferedReader:
        """The same as a binary file, for code that wants one: `io.TextIOWrapper(reader.file())`, `json.load(reader.file())`."""
        return io.BufferedReader(_ReadFile(self))

    @property
    def closed(self) -> bool:
        return self._number is None

    def close(self) -> None:
        with self._lock:
            number, self._number = self._number, None
            self._piece, self._at = b"", 0
        if number is not None:
            self._calls.close(number)

    def __enter__(self) -> DocumentReader:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Trace) -> None:
        try:
            self.close()
        except Exception:
            # The reader's own end is not worth the error that is on its way.
            if error is None:
                raise

    def __del__(self) -> None:
        if getattr(self, "_number", None) is not None:
            try:
                self.close()
            except Exception:
                pass  # the store was closed before it, and has ended it


class DocumentWriter:
    """A document that is stored piece by piece.

    with store.documents.writer("ada", "recordings", "call-1") as writer:
        for piece in recording:
            writer.write(piece)
    print(writer.stored.version)

    Leaving the `with` stores the document, which exists from then on; an exception leaves nothing. `shutil.copyfileobj(file, writer)`
    works; `file()` is a binary file. One call at a time: those of other threads wait. After an error only `abandon` is left.
    """

    def __init__(
        self,
        connection: Connection,
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
    ) -> None:
        self._number: Optional[int] = None
        self._stored: Optional[StoredDocument] = None
        self._calls = DocumentsWriterCalls(connection)
        self._lock = Lock()
        self._number = self._calls.open(
            user,
            collection,
            key,
            meta=meta,
            lifetime=lifetime,
            at_version=at_version,
            if_absent=if_absent,
            request_id=request_id,
            timeout=timeout,
        ).writer

    def write(self, piece: Body) -> int:
        """What comes next in the body. Returns its size, all of which is taken.

        Raises: Erased, ItemTooLarge, VersionConflict.
        """
        with self._lock:
            self._calls.write(self._open(), piece)
        return len(piece) if isinstance(piece, (bytes, bytearray)) else memoryview(piece).nbytes

    def finish(self) -> StoredDocument:
        """Stores the document. Once more returns the same.

        Raises: VersionConflict, Erased, ItemTooLarge.
        """
        with self._lock:
            if self._stored is None:
                self._stored = self._calls.finish(self._open())
                self._number = None
            return self._stored

    def abandon(self) -> None:
        """Removes what was written. Once more, or after `finish`, it does nothing."""
        with self._lock:
            number, self._number = self._number, None
            if number is not None:
                self._calls.abandon(number)

    def _open(self) -> int:
        if self._number is None:
            raise ValueError("write to a closed DocumentWriter")
        return self._number

    @property
    def stored(self) -> StoredDocument:
        """What `finish`, or the end of the `with`, has stored."""
        if self._stored is None:
            raise ValueError("the document is not stored yet")
        return self._stored

    @property
    def closed(self) -> bool:
        return self._number is None

    def writable(self) -> bool:
        return True

    def file(self) -> io.BufferedWriter:
        """The same as a binary file, for code that wants one. Closing or flushing it hands on what it holds; the writer stays open."""
        return io.BufferedWriter(_WriteFile(self))

    def __enter__(self) -> DocumentWriter:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Trace) -> None:
        if error is None:
            if self._number is not None:
                try:
                    self.finish()
                except BaseException:
                    self._abandon_quietly()
                    raise
        else:
            self._abandon_quietly()

    def _abandon_quietly(self) -> None:
        try:
            self.abandon()
        except Exception:
            pass  # another error is on its way; what is left, `loopstate check` finds

    def __del__(self) -> None:
        if getattr(self, "_number", None) is not None:
            warnings.warn(f"{self!r} was neither finished nor abandoned", ResourceWarning, source=self)
            self._abandon_quietly()


class _ReadFile(io.RawIOBase):
    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._reader.readinto(buffer)


class _WriteFile(io.RawIOBase):
    def __init__(self, writer: DocumentWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        return self._writer.write(piece)
