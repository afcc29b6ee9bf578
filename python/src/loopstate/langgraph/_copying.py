"""Copying a thread to the end of another one."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from typing import Dict, List, NamedTuple, Tuple

from .. import errors
from .._steps import Steps, call, document_key, insist, list_all, new_request_id
from ._log import LAST, Base, Entry, Items, Notice, Point, Record, Same, Segment, View, pack, unpack
from ._reading import again_if_changed, lost
from ._thread import Thread
from ._upkeep import put_segment

_BATCH = 80
_BATCH_BYTES = 8 << 20


def copy(source: str, target: Thread) -> Steps[None]:
    """Everything in the log, in its order. VersionConflict: whoever removes checkpoints of the target does not come to an end."""

    def work() -> Steps[None]:
        yield from _append((yield from _read(source)), target)

    yield from again_if_changed(work)


class _Log(NamedTuple):
    records: List[Tuple[Record, int]]  # and its size
    segments: List[Tuple[str, Segment]]


def _read(collection: str) -> Steps[_Log]:
    """Its documents, and then its segments: those that the documents need are there before them. CorruptItem: something was removed in
    between."""
    documents = yield from list_all(collection, from_=document_key(0), to=LAST)
    segments = yield from list_all(collection, prefix="s/")
    view = View(collection)
    view.put_all(documents, segments)
    gone = yield from lost(view)
    # Who reads the copy knows of no removal in the source.
    records = [(record, each.size) for each in documents for record in [view.records[int(each.key)]] if not isinstance(record, Notice)]
    return _Log([each for each in records if each[0].number not in gone], list(view.segments.items()))


def _append(log: _Log, target: Thread) -> Steps[None]:
    """VersionConflict: somebody is removing checkpoints of the target, and perhaps the segments that no checkpoint needs yet."""
    last = yield from call("list", target.collection, from_=document_key(0), to=LAST, descending=True, limit=1, without_bodies=True)
    end = int(last.documents[0].key) if last.documents else 0
    generation = last.generation
    # After that, so that whoever removes them for being unknown says so behind it.
    names = _Names()
    for key, segment in log.segments:
        previous = names.of(segment.previous) if segment.previous is not None else None
        yield from put_segment(target.collection, names.of(key), segment._replace(previous=previous))
    moved = _Moved(names, end, target)
    left = list(log.records)
    while left:
        batch = left[: _how_many(left)]
        bodies = [pack(each) for each in moved.at([record for record, _ in batch], end + 1)]
        try:
            appended = yield from insist(
                "append", target.collection, bodies, at_number=end + 1, in_generation=generation, request_id=new_request_id()
            )
            end, generation = appended.last, appended.generation
        except errors.VersionConflict:
            view = View(target.collection)
            others = yield from view.from_(end + 1)
            deleted = generation is not None and view.generation != generation
            if deleted or not others or any(isinstance(each, Notice) for each in others):
                raise errors.VersionConflict("others remove checkpoints of the thread that is copied to: copy it again") from None
            end, generation = others[-1].number, view.generation
            continue
        del left[: len(batch)]


def _how_many(records: List[Tuple[Record, int]]) -> int:
    """Of the first of them go out in one append."""
    size = 0
    for count, (_, more) in enumerate(records[:_BATCH]):
        size += more
        if count and size > _BATCH_BYTES:
            return count
    return min(len(records), _BATCH)


class _Names:
    """Of the segments in the copy, which nobody else has, so that what is removed for being unknown is not what is made anew."""

    def __init__(self) -> None:
        self._rows: Dict[str, str] = {}

    def of(self, key: str) -> str:
        row, place = key.rsplit("/", 1)
        if row not in self._rows:
            self._rows[row] = f"{row.rsplit('/', 1)[0]}/{os.urandom(6).hex()}"
        return f"{self._rows[row]}/{place}"


class _Moved:
    """Records as they are in another log, the end of which is at `end` before the first of them."""

    def __init__(self, names: _Names, end: int, target: Thread) -> None:
        self._names = names
        self._end = end
        self._thread = target.name
        self._numbers: Dict[int, int] = {}

    def at(self, records: List[Record], first: int) -> List[Record]:
        """Each of them in its new place, from the first on. Those that they rest on are among them, or were before."""
        self._numbers.update({each.number: first + place for place, each in enumerate(records)})
        self._order = sorted(self._numbers)
        return [self._point(each) if isinstance(each, Point) else each for each in records]

    def _point(self, point: Point) -> Point:
        copy = Point(point.namespace, point.id, point.parent, point.head, {})
        copy.values = {channel: self._entry(entry) for channel, entry in point.values.items()}
        copy.attic = [(channel, self._entry(entry)) for channel, entry in point.attic]
        copy.guarded, copy.history, copy.thread = point.guarded, point.history, self._thread
        if point.seen is not None:
            copy.seen = self._seen(point.seen)
        return copy

    def _seen(self, seen: int) -> int:
        place = bisect_right(self._order, seen)
        return self._numbers[self._order[place - 1]] if place else self._end

    def _entry(self, entry: Entry) -> Entry:
        if isinstance(entry, Same):
            return entry._replace(number=self._numbers[entry.number])
        if isinstance(entry, Items) and entry.base is not None:
            if not entry.base.number:
                return entry._replace(base=entry.base._replace(key=self._names.of(str(entry.base.key))))
            base: Base = entry.base._replace(number=self._numbers[entry.base.number])
            low = self._numbers[self._order[bisect_left(self._order, entry.low)]] if entry.low else 0
            return entry._replace(base=base, low=low)
        return entry
