"""A store, for code that waits for each call."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Callable, Dict, Mapping, Optional, Type

from . import _library
from ._calls import BackupCalls, DocumentsCalls, PepperCalls, QuestionsCalls, StoreCalls
from ._types import Context, Seconds
from .errors import VersionConflict
from .streams import DocumentReader, DocumentWriter

#: As often as C++'s `update` tries.
_UPDATE_ATTEMPTS = 16


class Documents(DocumentsCalls):
    """What an agent keeps for a user that is more, or larger, than a context holds: `store.documents`."""

    def reader(self, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None) -> DocumentReader:
        """A document's body piece by piece, for bodies that are not to be in memory whole. Each call has the timeout to itself.

        Raises: NotFound.
        """
        return DocumentReader(self._connection, user, collection, key, timeout=timeout)

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
    ) -> DocumentWriter:
        """Stores a document piece by piece, as `put` does with the same arguments. Each call has the timeout to itself."""
        return DocumentWriter(
            self._connection,
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


class Store(StoreCalls):
    """An open store, as `loopstate.open` returns it.

    Any number of threads may make calls at once; a call releases the interpreter's lock while it waits. Calls that take `request_id`
    can be repeated with it after OutcomeUnknown: they are done once. Every call ends by its `timeout`, or after 10 seconds: until then
    Ctrl-C has to wait too.

    After a fork() the child opens a store of its own: calls on this one are StorageFailure there.
    """

    def __init__(self, connection: _library.Connection) -> None:
        if not isinstance(connection, _library.Connection):
            raise TypeError("a Store is opened by loopstate.open(url)")
        super().__init__(connection)
        #: What an agent keeps for a user that is more, or larger, than a context holds.
        self.documents = Documents(connection)
        #: Questions across users: who is there, what is pending, what is known about a payment.
        self.questions = QuestionsCalls(connection)
        #: What the store knows of the pepper under which its cards are linked.
        self.pepper = PepperCalls(connection)
        #: Copies of an embedded store while it is in use.
        self.backup = BackupCalls(connection)

    def update(
        self,
        user: str,
        change: Callable[[Context], Context],
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Reads the user's context, and writes what `change` returns for it; if somebody else wrote meanwhile, again, at most 16 times.

        `change` returns a changed copy (`dataclasses.replace`), and may be called several times. What it raises ends the call.

        Raises: NotFound, Erased, ItemTooLarge, VersionConflict.
        """
        context = self.fetch(user, timeout=timeout)
        for attempt in range(_UPDATE_ATTEMPTS):
            try:
                return self.push(change(context), base=context, request_id=request_id, timeout=timeout)
            except VersionConflict as conflict:
                if attempt == _UPDATE_ATTEMPTS - 1 or conflict.conflict is None:
                    raise
                context = conflict.conflict.current
        raise AssertionError("the loop returns or raises")

    @property
    def closed(self) -> bool:
        return self._connection.closed

    def close(self) -> None:
        """Waits for the calls in flight on other threads, and ends the readers and writers that are open. Later calls are errors."""
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()


def open(
    url: Optional[str] = None, *, mode: str = "create_if_missing", settings: Optional[Mapping[str, Optional[str]]] = None
) -> Store:
    """Opens the store that a URL names.

        url: "embedded:PATH" or "dynamodb:TABLE"; None: as the environment says, LOOPSTATE_URL first.
        mode: "create_if_missing", or "existing": TableNotFound if nothing is there. A DynamoDB table is never created.
        settings: environment variables that count instead of the process's own, e.g. {"AWS_REGION": "eu-west-1"}; None unsets one.

    Raises: InvalidArgument, TableNotFound, TableMismatch, StorageCorrupt, StorageReadOnly, StorageFull, StorageFailure.
    """
    request: Dict[str, Any] = {"mode": mode}
    if url is not None:
        request["url"] = url
    if settings is not None:
        request["settings"] = dict(settings)
    return Store(_library.Connection(request))
