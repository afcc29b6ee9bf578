"""A thread is a log: one document for each checkpoint and for each set of writes, in the order in which they were appended.

A value that is a list or a dict is stored item by item, and a checkpoint holds only the items that its predecessor lacks:
`base` says where the others are and how many of them still hold. When that would lead through too many checkpoints, the
items move together into a segment, which has a key of its own, so that a long value is read in one range.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

import ormsgpack

from .. import errors
from .._steps import Steps, call, document_key, list_all

Blob = Tuple[str, bytes]
"""As a serializer makes it: the type, and the bytes."""

DEPTH = 16
"""So many checkpoints may hold the items of a value before they move into a segment."""
MOST = 4 << 20
"""So many bytes of a value may be in checkpoints, all of which go into one document when the others are removed; and in one segment."""
PAGE = 48
LAST = "9" * 20


def new_tag() -> bytes:
    """Tells the value that is meant from another one that has come to be in its place."""
    return os.urandom(6)


class OtherThread(errors.CorruptItem):
    """A checkpoint rests on a place where something else is: its thread was deleted under its run, and had exactly as many documents again
    when it was stored."""


class MissingSegment(errors.CorruptItem):
    """A checkpoint rests on a segment that is not there."""


class Base(NamedTuple):
    """The first `kept` items of another value."""

    number: int  # of the checkpoint's document; 0: `key` is that of a segment
    key: Union[bytes, str]  # the value's tag, or the segment's key
    kept: int


class Inline(NamedTuple):
    tag: bytes
    blob: Blob


class Same(NamedTuple):
    """As in the checkpoint `number`."""

    number: int
    tag: bytes


class Items(NamedTuple):
    tag: bytes
    container: str  # "list" or "dict"
    base: Optional[Base]
    low: int  # the first document that `base` leads to; 0: to segments alone
    own: List[Blob]


Entry = Union[Inline, Same, Items]


class Raw(NamedTuple):
    """A whole value, not yet deserialized. `container` is empty for one that is not in items."""

    container: str
    blobs: List[Blob]


class Point:
    """A checkpoint's document."""

    __slots__ = ("number", "version", "namespace", "id", "parent", "guarded", "seen", "early", "head", "values", "attic", "history", "thread")

    def __init__(self, namespace: str, id: str, parent: Optional[str], head: Blob, values: Dict[str, Entry]) -> None:
        self.number = 0
        self.version = 0
        self.namespace = namespace
        self.id = id
        self.parent = parent
        #: Whether it is the only one that may go on from its parent.
        self.guarded = False
        #: How far the log was read when its parent was the last. None: not at all.
        self.seen: Optional[int] = None
        #: The first of its writes, where that is known to be stored before it, and perhaps before its parent. It becomes part of `seen`.
        self.early: Optional[int] = None
        self.head = head
        self.values = values
        #: Former values, which others may be based on.
        self.attic: List[Tuple[str, Entry]] = []
        #: For a channel that is kept as its writes alone: what removed ancestors held, as seed and writes.
        self.history: Optional[Dict[str, Tuple[Optional[Raw], List[Tuple[str, Blob]]]]] = None
        #: The thread's name, where that of the collection does not say it.
        self.thread: Optional[str] = None

    def entries(self) -> List[Entry]:
        return [*self.values.values(), *(entry for _, entry in self.attic)]

    def is_whole(self) -> bool:
        """Whether it rests on nothing."""
        return all(isinstance(each, Inline) or isinstance(each, Items) and each.base is None for each in self.entries())

    def entry(self, channel: str, tag: Union[bytes, str]) -> Entry:
        found = self.values.get(channel)
        if found is not None and found.tag == tag and not isinstance(found, Same):
            return found
        for name, each in self.attic:
            if name == channel and each.tag == tag:
                return each
        raise OtherThread(f"checkpoint {self.id} does not hold the value of {channel} that a later one is based on")


class Writes:
    __slots__ = ("number", "version", "namespace", "id", "task", "path", "writes")

    def __init__(self, namespace: str, id: str, task: str, path: str, writes: List[Tuple[int, str, Blob]]) -> None:
        self.number = 0
        self.version = 0
        self.namespace = namespace
        self.id = id
        self.task = task
        self.path = path
        self.writes = writes


class Notice:
    """Checkpoints before it are being removed: what is appended after it rests on nothing before it."""

    __slots__ = ("number", "version")

    def __init__(self) -> None:
        self.number = 0
        self.version = 0


class Segment(NamedTuple):
    previous: Optional[str]
    kept: int
    own: List[Blob]


Record = Union[Point, Writes, Notice]


def _pack_blobs(blobs: Sequence[Blob]) -> List[Any]:
    kinds = {kind for kind, _ in blobs}
    if len(kinds) == 1:
        return [kinds.pop(), [body for _, body in blobs]]
    return [None, [list(each) for each in blobs]]


def _unpack_blobs(packed: List[Any]) -> List[Blob]:
    kind, bodies = packed
    if kind is not None:
        return [(kind, body) for body in bodies]
    return [(each[0], each[1]) for each in bodies]


def _pack_entry(entry: Entry) -> List[Any]:
    if isinstance(entry, Inline):
        return ["v", entry.tag, *entry.blob]
    if isinstance(entry, Same):
        return ["r", entry.tag, entry.number]
    base = list(entry.base) if entry.base is not None else None
    return ["i", entry.tag, entry.container, base, entry.low, _pack_blobs(entry.own)]


def _unpack_entry(packed: List[Any]) -> Entry:
    kind = packed[0]
    if kind == "v":
        return Inline(packed[1], (packed[2], packed[3]))
    if kind == "r":
        return Same(packed[2], packed[1])
    return Items(packed[1], packed[2], Base(*packed[3]) if packed[3] else None, packed[4], _unpack_blobs(packed[5]))


def pack(record: Record) -> bytes:
    if isinstance(record, Writes):
        writes = [[index, channel, *blob] for index, channel, blob in record.writes]
        return ormsgpack.packb(["W1", record.namespace, record.id, record.task, record.path, writes])
    if isinstance(record, Notice):
        return ormsgpack.packb(["N1"])
    history = None
    if record.history is not None:
        history = {
            channel: [
                [seed.container, _pack_blobs(seed.blobs)] if seed is not None else None,
                [[task, *blob] for task, blob in writes],
            ]
            for channel, (seed, writes) in record.history.items()
        }
    return ormsgpack.packb(
        [
            "C1",
            record.namespace,
            record.id,
            record.parent,
            record.guarded,
            record.seen if record.early is None else min(record.early - 1, record.early if record.seen is None else record.seen),
            *record.head,
            {channel: _pack_entry(entry) for channel, entry in record.values.items()},
            [[channel, _pack_entry(entry)] for channel, entry in record.attic],
            history,
            record.thread,
        ]
    )


def unpack(key: str, version: int, body: bytes) -> Record:
    fields = ormsgpack.unpackb(body)
    record: Record
    if fields[0] == "C1":
        record = Point(fields[1], fields[2], fields[3], (fields[6], fields[7]), {})
        record.guarded, record.seen = fields[4], fields[5]
        record.values = {channel: _unpack_entry(entry) for channel, entry in fields[8].items()}
        record.attic = [(channel, _unpack_entry(entry)) for channel, entry in fields[9]]
        if fields[10] is not None:
            record.history = {
                channel: (
                    Raw(seed[0], _unpack_blobs(seed[1])) if seed is not None else None,
                    [(task, (kind, blob)) for task, kind, blob in writes],
                )
                for channel, (seed, writes) in fields[10].items()
            }
        record.thread = fields[11]
    elif fields[0] == "W1":
        record = Writes(fields[1], fields[2], fields[3], fields[4], [(i, channel, (kind, blob)) for i, channel, kind, blob in fields[5]])
    elif fields[0] == "N1":
        record = Notice()
    else:
        raise errors.Unsupported(f"document {key} was written by a later version of this adapter")
    record.number = int(key)
    record.version = version
    return record


def pack_segment(segment: Segment) -> bytes:
    return ormsgpack.packb(["S1", segment.previous, segment.kept, _pack_blobs(segment.own)])


def unpack_segment(body: bytes) -> Segment:
    _, previous, kept, own = ormsgpack.unpackb(body)
    return Segment(previous, kept, _unpack_blobs(own))


class Level(NamedTuple):
    """A place that holds items of a value: it is based on the first `upto` items of the value that was there."""

    number: int
    key: Union[bytes, str]
    upto: int
    size: int = 0  # at most so many bytes are its own


class View:
    """What one call has read of a log."""

    def __init__(self, collection: str) -> None:
        self.collection = collection
        self.records: Dict[int, Record] = {}
        self.writes: Dict[Tuple[str, str], List[Writes]] = {}
        self.segments: Dict[str, Segment] = {}
        #: The number of the last document; 0: the log is empty. None: not read.
        self.end: Optional[int] = None
        #: All from here to the end have been read.
        self.bottom: Optional[int] = None
        #: The collection's, at most as new as all that was read. None: there was no collection, or it was not read.
        self.generation: Optional[str] = None
        self._listed = False
        self._ranges: List[Tuple[int, int]] = []

    def add(self, document: Any) -> Record:
        record = unpack(document.key, document.version, document.body)
        if record.number not in self.records and isinstance(record, Writes):
            self.writes.setdefault((record.namespace, record.id), []).append(record)
        self.records[record.number] = record
        return record

    def put_all(self, documents: Sequence[Any], segments: Sequence[Any]) -> None:
        """The whole log, which somebody else has read."""
        for each in documents:
            self.add(each)
        for each in segments:
            self.segments[each.key] = unpack_segment(each.body)
        self.end, self.bottom = (int(documents[-1].key) if documents else 0), 1
        self._ranges.append((1, self.end))

    def _seen(self, page: Any) -> None:
        if not self._listed:
            self.generation, self._listed = page.generation, True

    def points(self) -> List[Point]:
        return [each for each in self.records.values() if isinstance(each, Point)]

    def back(self, limit: int) -> Steps[List[Record]]:
        """The records before those read so far, the last first; none at the beginning of the log."""
        if self.bottom == 1 or self.end == 0:
            return []
        after = document_key(self.bottom) if self.bottom is not None else None
        page = yield from call("list", self.collection, from_=document_key(0), to=LAST, descending=True, after=after, limit=limit)
        self._seen(page)
        found = [self.add(each) for each in page.documents]
        if self.end is None:
            self.end = found[0].number if found else 0
        self.bottom = found[-1].number if page.next is not None else 1
        self._ranges.append((self.bottom, self.end))
        return found

    def has_grown(self) -> Steps[bool]:
        """Whether something was appended since the end was read."""
        page = yield from call("list", self.collection, from_=document_key((self.end or 0) + 1), to=LAST, limit=1, without_bodies=True)
        return bool(page.documents)

    def need(self, low: int, high: int) -> Steps[None]:
        """Reads the documents from `low` to `high` that have not been read."""
        for first, last in self._ranges:
            if first <= low and high <= last:
                return
            if first <= high <= last:
                high = first - 1
        if low > high:
            return
        for each in (yield from list_all(self.collection, from_=document_key(low), to=document_key(high), seen=self._seen)):
            self.add(each)
        self._ranges.append((low, high))

    def from_(self, low: int) -> Steps[List[Record]]:
        """All from there to the end, the first one first."""
        documents = yield from list_all(self.collection, from_=document_key(low), to=LAST, seen=self._seen)
        return [self.add(each) for each in documents]

    def has(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self._ranges)

    def point(self, number: int, low: int = 0) -> Steps[Point]:
        if number not in self.records:
            yield from self.need(low or number, number)
        record = self.records.get(number)
        if record is None:
            raise errors.CorruptItem(f"checkpoint document {number}, which a later one is based on, is missing")
        if not isinstance(record, Point):
            raise OtherThread(f"document {number}, which a later one is based on, is no checkpoint")
        return record

    def segment(self, key: str) -> Steps[Segment]:
        if key not in self.segments:
            lineage = key.rsplit("/", 1)[0] + "/"
            for each in (yield from list_all(self.collection, from_=lineage, to=key)):
                self.segments[each.key] = unpack_segment(each.body)
        if key not in self.segments:
            raise MissingSegment(f"segment {key}, which a checkpoint is based on, is missing")
        return self.segments[key]

    def check(self, point: Point) -> Steps[None]:
        """CorruptItem if something that it refers to is not there."""
        for channel, entry in [*point.values.items(), *point.attic]:
            yield from self._check_entry(channel, entry)

    def _check_entry(self, channel: str, entry: Entry) -> Steps[None]:
        if isinstance(entry, Same):
            (yield from self.point(entry.number)).entry(channel, entry.tag)
        elif isinstance(entry, Items) and entry.base is not None:
            if entry.base.number:
                (yield from self.point(entry.base.number, entry.low)).entry(channel, entry.base.key)
                return
            key: Optional[str] = str(entry.base.key)
            while key is not None:
                key = (yield from self.segment(key)).previous

    def resolve(self, number: int, channel: str, entry: Entry) -> Steps[Tuple[Raw, List[Level]]]:
        """The whole value, and where its items are, the first ones first."""
        if isinstance(entry, Same):
            number, tag = entry.number, entry.tag
            entry = (yield from self.point(number)).entry(channel, tag)
        if isinstance(entry, Inline):
            return Raw("", [entry.blob]), [Level(number, entry.tag, 0)]
        assert isinstance(entry, Items)
        parts: List[Tuple[int, Union[bytes, str], List[Blob], Optional[int]]] = [(number, entry.tag, entry.own, None)]
        base, low = entry.base, entry.low
        while base is not None and base.number:
            lower = (yield from self.point(base.number, low)).entry(channel, base.key)
            assert isinstance(lower, Items)
            parts.append((base.number, base.key, lower.own, base.kept))
            base, low = lower.base, lower.low
        while base is not None:
            segment = yield from self.segment(str(base.key))
            parts.append((0, base.key, segment.own, base.kept))
            base = Base(0, segment.previous, segment.kept) if segment.previous is not None else None
        blobs: List[Blob] = []
        levels: List[Level] = []
        for place, key, own, kept in reversed(parts):
            blobs.extend(own)
            if kept is not None:
                del blobs[kept:]
            levels.append(Level(place, key, len(blobs), size_of(own)))
        return Raw(entry.container, blobs), cut(levels, len(blobs))


def size_of(blobs: Iterable[Blob]) -> int:
    return sum(len(body) for _, body in blobs)


def cut(levels: Sequence[Level], count: int) -> List[Level]:
    """The same places, of a value of which only the first `count` items hold."""
    kept: List[Level] = []
    for level in reversed(levels):
        count = min(count, level.upto)
        kept.append(level._replace(upto=count))
    kept.reverse()
    return kept


def places_of(entries: Iterable[Entry]) -> Iterable[int]:
    """The numbers of the documents that these refer to directly."""
    for entry in entries:
        if isinstance(entry, Same):
            yield entry.number
        elif isinstance(entry, Items) and entry.base is not None and entry.base.number:
            yield entry.base.number


def segments_of(entries: Iterable[Entry]) -> Iterable[str]:
    """The keys of the segments that these refer to directly."""
    for entry in entries:
        if isinstance(entry, Items) and entry.base is not None and not entry.base.number:
            yield str(entry.base.key)
