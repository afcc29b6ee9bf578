"""What is done to whole logs: removing checkpoints, and walking back through one."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from .. import errors
from .._steps import Steps, call, document_key, insist, list_all
from ._log import (
    Base,
    Blob,
    Entry,
    Inline,
    Items,
    Notice,
    Point,
    Raw,
    Record,
    Same,
    Segment,
    View,
    Writes,
    new_tag,
    pack,
    pack_segment,
    places_of,
    segments_of,
)
from ._reading import again_if_changed, lost, writes_of

Collected = Dict[str, Tuple[Optional[Raw], List[Tuple[str, Blob]]]]


def threads() -> Steps[List[str]]:
    """The collections of the user's threads."""
    infos = yield from call("collections_of")
    return [each.collection for each in infos if each.collection.startswith(("langgraph/", "langgraph#"))]


def put_segment(collection: str, key: str, segment: Segment) -> Steps[None]:
    try:
        yield from insist("put", collection, key, pack_segment(segment), if_absent=True)
    except errors.VersionConflict:
        pass  # An earlier attempt's: nobody else has a key with these random digits.


def history_of(
    view: View,
    point: Point,
    channels: Sequence[str],
    parent_of: Callable[[Point], Steps[Optional[Point]]],
) -> Steps[Collected]:
    """For each channel the value that was last stored above the checkpoint, and the writes since, the oldest first."""
    seeds: Dict[str, Raw] = {}
    newest_first: Dict[str, List[Tuple[str, Blob]]] = {channel: [] for channel in channels}
    left: Set[str] = set(channels)
    walked = {point.id}
    while left:
        if point.history is not None:
            for channel in list(left & point.history.keys()):
                seed, writes = point.history[channel]
                newest_first[channel].extend(reversed(writes))
                if seed is not None:
                    seeds[channel] = seed
                left.discard(channel)
        above = (yield from parent_of(point)) if point.parent and left else None
        if above is None or above.id in walked:
            break
        walked.add(above.id)
        for task, channel, blob in reversed((yield from writes_of(view, above))):
            if channel in left:
                newest_first[channel].append((task, blob))
        for channel in list(left):
            if channel in above.values:
                seeds[channel] = (yield from view.resolve(above.number, channel, above.values[channel]))[0]
                left.discard(channel)
        point = above
    return {channel: (seeds.get(channel), newest_first[channel][::-1]) for channel in channels}


class Eraser:
    """Removes checkpoints of a log that others may rest on, while others may be appending to it.

    A notice comes first. Whoever appends after it has read it, and rests on nothing before it; whatever was appended before it is read
    here, and made to rest on nothing that goes. What was appended after it stays, so that nobody's base is removed unannounced.
    """

    def __init__(self, collection: str, serde: Any) -> None:
        self._collection = collection
        self._serde = serde

    def erase(self, goes: Optional[Callable[[Point], bool]]) -> Steps[None]:
        """`goes`: None for all but the last of each namespace."""
        yield from again_if_changed(lambda: self._erase(goes))

    def _erase(self, goes: Optional[Callable[[Point], bool]]) -> Steps[None]:
        # Before the notice: whoever makes a segment after this, and knows of no notice, has not appended what needs it yet.
        segments = yield from self._segment_keys()
        view = yield from self._read()
        gone = yield from lost(view)
        targets = self._targets(view, goes, gone)
        if not targets and not (yield from self._unused(segments, view, view.points())):
            return
        notice = (yield from insist("append", self._collection, [pack(Notice())])).first
        view = yield from self._read()
        targets = [each for each in self._targets(view, goes, gone) if each.number < notice]
        numbers = {each.number for each in targets}
        survivors = [each for each in view.points() if each.number not in numbers]
        ids = {(each.namespace, each.id) for each in targets} - {(each.namespace, each.id) for each in survivors}
        for point in sorted(survivors, key=lambda each: each.number):
            yield from self._detach(view, point, numbers, ids)
        # If this is cut off, the next one goes on with it, and nobody finds a checkpoint that rests on what is gone.
        unused = yield from self._unused(segments, view, survivors)
        for record in list(view.records.values()):
            if isinstance(record, Writes) and (record.namespace, record.id) in ids or isinstance(record, Notice) and record.number < notice:
                yield from self._remove(record)
        for point in sorted(targets, key=lambda each: each.number, reverse=True):
            yield from self._remove(point)
        for key in unused:
            yield from insist("remove", self._collection, key)

    def _remove(self, record: Record) -> Steps[None]:
        """Not what has come to be in its place."""
        yield from insist("remove", self._collection, document_key(record.number), at_version=record.version)

    def _segment_keys(self) -> Steps[Set[str]]:
        return {each.key for each in (yield from list_all(self._collection, prefix="s/", without_bodies=True))}

    def _read(self) -> Steps[View]:
        view = View(self._collection)
        while (yield from view.back(1000)):
            pass
        return view

    def _targets(self, view: View, goes: Optional[Callable[[Point], bool]], gone: Set[int]) -> List[Point]:
        points = sorted(view.points(), key=lambda each: each.number, reverse=True)
        if goes is not None:
            return [each for each in points if each.number in gone or goes(each)]
        kept: Set[str] = set()
        targets: List[Point] = []
        for point in points:
            if point.namespace in kept or point.number in gone:
                targets.append(point)
            else:
                kept.add(point.namespace)
        return targets

    def _detach(self, view: View, point: Point, numbers: Set[int], ids: Set[Tuple[str, str]]) -> Steps[None]:
        """Makes a checkpoint that stays independent of those that go."""
        orphaned = point.parent is not None and (point.namespace, point.parent) in ids
        if not orphaned and not any(number in numbers for number in places_of(point.entries())):
            return
        history = dict(point.history or {})
        if orphaned:
            channels = [each for each in self._delta_channels(point) if each not in history and each not in point.values]
            found = yield from history_of(view, point, channels, lambda each: _parent_in(view, each))
            history.update(found)
        values: Dict[str, Entry] = {}
        for channel, entry in point.values.items():
            values[channel] = yield from self._independent(view, point, channel, entry, numbers)
        attic: List[Tuple[str, Entry]] = []
        for channel, entry in point.attic:
            attic.append((channel, (yield from self._independent(view, point, channel, entry, numbers))))
        point.values, point.attic, point.history = values, attic, history or None
        stored = yield from insist("put", self._collection, document_key(point.number), pack(point), at_version=point.version)
        point.version = stored.version

    def _delta_channels(self, point: Point) -> List[str]:
        metadata = self._serde.serde.loads_typed(point.head)[1]
        return list(metadata.get("counters_since_delta_snapshot") or ())

    def _independent(self, view: View, point: Point, channel: str, entry: Entry, numbers: Set[int]) -> Steps[Entry]:
        if not any(number in numbers for number in places_of([entry])):
            return entry
        raw, levels = yield from view.resolve(point.number, channel, entry)
        tag = new_tag() if isinstance(entry, Same) else entry.tag
        if not raw.container:
            return Inline(tag, raw.blobs[0])
        # Segments are no checkpoint's, and stay as long as one needs them.
        segment = next((level for level in reversed(levels) if not level.number), None)
        if segment is None:
            return Items(tag, raw.container, None, 0, raw.blobs)
        return Items(tag, raw.container, Base(0, segment.key, segment.upto), 0, raw.blobs[segment.upto :])

    def _unused(self, segments: Set[str], view: View, points: List[Point]) -> Steps[Set[str]]:
        """Those of the segments that none of the checkpoints needs."""
        used: Set[str] = set()
        for point in points:
            for each in segments_of(point.entries()):
                key: Optional[str] = each
                while key is not None and key not in used:
                    used.add(key)
                    key = (yield from view.segment(key)).previous
        return segments - used


def _parent_in(view: View, point: Point) -> Steps[Optional[Point]]:
    yield from ()
    for record in view.records.values():
        if isinstance(record, Point) and record.namespace == point.namespace and record.id == point.parent:
            return record
    return None
