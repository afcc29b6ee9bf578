# Written by tools/generate-catalogue from catalogue/*.toml.
"""The calls of the library, as methods. store.py, streams.py and aio.py have the classes that programs see."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence, Union

from ._library import Connection
from ._types import *
from ._types import Json, maybe


class StoreCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lookup(self, fingerprint: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Card:
        """Show whose card it is.

            fingerprint: The card's fingerprint.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound.
        """
        request: Json = {"fingerprint": fingerprint}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return Card._read(self._connection.call(b"lookup", request))

    def link(
        self,
        fingerprint: str,
        user: str,
        last4: str,
        *,
        transfer: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> LinkedCard:
        """Link a card to a user.

        Linking the user's own card again changes only its last4. A card of an erased user is nobody's. Purchases that
        wait for the card are recorded in the same transaction, each once.

            fingerprint: The card's fingerprint.
            user: The user's public key or id.
            last4: The last four digits of the card's number, or empty.
            transfer: Take the card over from its present owner.

        Raises: CardLinkedElsewhere, Erased.

        Repeat only with a request id: a transfer may take the card back from whoever has received it since.
        """
        request: Json = {"fingerprint": fingerprint, "user": user, "last4": last4}
        if transfer is not False:
            request["transfer"] = transfer
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return LinkedCard._read(self._connection.call(b"link", request))

    def unlink(
        self,
        fingerprint: str,
        *,
        owner: Optional[str] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Card:
        """Unlink a card.

        With an owner, the card returned has neither last4 nor time, which one request cannot tell. Without: one more
        request, and the card is returned as it was.

            fingerprint: The card's fingerprint.
            owner: Who must own it.

        Raises: NotFound, CardLinkedElsewhere.

        Repeat only with a request id: the card may be taken from whoever has linked it since.
        """
        request: Json = {"fingerprint": fingerprint}
        if owner is not None:
            request["owner"] = owner
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Card._read(self._connection.call(b"unlink", request))

    def cards_of(self, user: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> List[Card]:
        """List a user's cards.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Returns: By fingerprint.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return [Card._read(each) for each in self._connection.call(b"cards_of", request)]


class DocumentsCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self,
        user: str,
        collection: str,
        key: str,
        body: Body,
        *,
        meta: Any = None,
        lifetime: Optional[Seconds] = None,
        at_version: Optional[int] = None,
        if_absent: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> StoredDocument:
        """Store a document under a key.

        Bodies over 350 KB are stored in parts. A document that is removed and made again continues its versions.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.
            body: Any bytes; at most 67,108,864 bytes.
            meta: What a list shows of it; at most 4,096 bytes.
            lifetime: It ceases to exist after this long; 1 to 3,155,760,000.
            at_version: Only over the document of this version; 0: only if there is none.
            if_absent: Only if there is none.

        Raises: VersionConflict, Erased, ItemTooLarge.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if meta is not None:
            request["meta"] = meta
        if lifetime is not None:
            request["lifetime"] = lifetime
        if at_version is not None:
            request["at_version"] = at_version
        if if_absent is not False:
            request["if_absent"] = if_absent
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        json, _ = self._connection.call_with_bodies(b"documents.put", request, [body])
        return StoredDocument._read(json)

    def append(
        self,
        user: str,
        collection: str,
        documents: Sequence[Union[Body, NewDocument]],
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> AppendedDocuments:
        """Append documents to a collection, all or none.

        They get the next numbers. Two callers that append at once both do, one after the other. 1 to 90 documents, at
        most 64 MB of bodies together.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            documents: What to append, in order; 1 to 90 documents.

        Raises: Erased, ItemTooLarge.

        Repeat only with a request id: they are appended again.
        """
        given = [each if isinstance(each, NewDocument) else NewDocument(each) for each in documents]
        request: Json = {"user": user, "collection": collection, "documents": given}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        json, _ = self._connection.call_with_bodies(b"documents.append", request, [*(each.body for each in given)])
        return AppendedDocuments._read(json)

    def get(self, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None) -> Document:
        """Read a document.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.

        Raises: NotFound.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if timeout is not None:
            request["timeout"] = timeout
        json, parts = self._connection.call_with_bodies(b"documents.get", request)
        return Document._read(json, iter(parts))

    def list(
        self,
        user: str,
        collection: str,
        *,
        prefix: Optional[str] = None,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        descending: bool = False,
        after: Optional[str] = None,
        limit: int = 100,
        max_bytes: int = 4194304,
        without_bodies: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> DocumentPage:
        """List the documents of a collection by key.

        A collection that does not exist has no documents. Not one moment: a document may change between two pages.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            prefix: Only keys that begin with this; 1 to 400 bytes.
            from_: Only keys from this one on; 1 to 400 bytes.
            to: Only keys up to this one; 1 to 400 bytes.
            descending: The last keys first.
            after: Go on after this key; 1 to 400 bytes.
            limit: At most so many; 1 to 1,000 documents.
            max_bytes: At most so many bytes of bodies; the first document comes whatever its size.
            without_bodies: Everything but the bodies.
        """
        request: Json = {"user": user, "collection": collection}
        if prefix is not None:
            request["prefix"] = prefix
        if from_ is not None:
            request["from"] = from_
        if to is not None:
            request["to"] = to
        if descending is not False:
            request["descending"] = descending
        if after is not None:
            request["after"] = after
        if limit != 100:
            request["limit"] = limit
        if max_bytes != 4194304:
            request["max_bytes"] = max_bytes
        if without_bodies is not False:
            request["without_bodies"] = without_bodies
        if timeout is not None:
            request["timeout"] = timeout
        json, parts = self._connection.call_with_bodies(b"documents.list", request)
        return DocumentPage._read(json, iter(parts))

    def remove(
        self,
        user: str,
        collection: str,
        key: str,
        *,
        at_version: Optional[int] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> bool:
        """Remove a document.

        Repeat only with a request id or at a version.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.
            at_version: Only the document of this version.

        Returns: Whether there was one.

        Raises: VersionConflict.

        Repeat only with a request id: a document stored since is removed.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if at_version is not None:
            request["at_version"] = at_version
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"documents.remove", request)
        return answer

    def keep_last(self, user: str, collection: str, count: int, *, timeout: Optional[Seconds] = None) -> int:
        """Remove all documents of a collection but those with the last keys.

        Not all at once. Repeated after others have appended, it removes more.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            count: How many to keep.

        Returns: How many it removed.
        """
        request: Json = {"user": user, "collection": collection, "count": count}
        if timeout is not None:
            request["timeout"] = timeout
        answer: int = self._connection.call(b"documents.keep_last", request)
        return answer

    def collections_of(self, user: str, *, timeout: Optional[Seconds] = None) -> List[CollectionInfo]:
        """List a user's collections by name.

            user: The user's public key or id.
        """
        request: Json = {"user": user}
        if timeout is not None:
            request["timeout"] = timeout
        return [CollectionInfo._read(each) for each in self._connection.call(b"documents.collections_of", request)]

    def drop(
        self,
        user: str,
        collection: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> bool:
        """Remove a collection with all its documents.

        From its first moment on the collection is empty for everybody. Repeating finishes what was cut off.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.

        Returns: Whether there was one.

        Repeat only with a request id: a collection that was made since is removed.
        """
        request: Json = {"user": user, "collection": collection}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"documents.drop", request)
        return answer


class DocumentsReaderCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None) -> OpenedReader:
        """Begin to read a document piece by piece.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.

        Raises: NotFound.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if timeout is not None:
            request["timeout"] = timeout
        json, parts = self._connection.call_with_bodies(b"documents.reader.open", request)
        return OpenedReader._read(json, iter(parts))

    def next(self, reader: int) -> bytes:
        """The next piece of a document's body.

            reader: The number that `documents.reader.open` answered.

        Returns: At most 1.4 MB; empty at the end.

        Raises: VersionConflict.
        """
        request: Json = {"reader": reader}
        _, parts = self._connection.call_with_bodies(b"documents.reader.next", request)
        return parts[0] if parts else b""

    def close(self, reader: int) -> None:
        """End a reader.

            reader: The number that `documents.reader.open` answered.
        """
        request: Json = {"reader": reader}
        self._connection.call(b"documents.reader.close", request)


class DocumentsWriterCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(
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
    ) -> OpenedWriter:
        """Begin to store a document piece by piece.

        As `documents.put` does, under the same request id as the same call. Each call of the writer has the timeout to
        itself.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.
            meta: What a list shows of it; at most 4,096 bytes.
            lifetime: It ceases to exist after this long; 1 to 3,155,760,000.
            at_version: Only over the document of this version; 0: only if there is none.
            if_absent: Only if there is none.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if meta is not None:
            request["meta"] = meta
        if lifetime is not None:
            request["lifetime"] = lifetime
        if at_version is not None:
            request["at_version"] = at_version
        if if_absent is not False:
            request["if_absent"] = if_absent
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return OpenedWriter._read(self._connection.call(b"documents.writer.open", request))

    def write(self, writer: int, bytes: Body) -> None:
        """What comes next in the body.

        It may be kept in memory until there is more. After an error, only `documents.writer.abandon` is left.

            writer: The number that `documents.writer.open` answered.
            bytes: Any bytes; at most 64 MB in all.

        Raises: Erased, ItemTooLarge, VersionConflict.
        """
        request: Json = {"writer": writer}
        self._connection.call_with_bodies(b"documents.writer.write", request, [bytes])

    def finish(self, writer: int) -> StoredDocument:
        """Store the document: it exists from here on.

            writer: The number that `documents.writer.open` answered.

        Raises: VersionConflict, Erased, ItemTooLarge.
        """
        request: Json = {"writer": writer}
        return StoredDocument._read(self._connection.call(b"documents.writer.finish", request))

    def abandon(self, writer: int) -> None:
        """Remove what was written, and end the writer.

        As well as it can: what is left, `loopstate check` finds after a day.

            writer: The number that `documents.writer.open` answered.
        """
        request: Json = {"writer": writer}
        self._connection.call(b"documents.writer.abandon", request)
