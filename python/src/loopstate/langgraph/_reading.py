"""Finding checkpoints in a log, from its end."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Set, Tuple, TypeVar

from langgraph.checkpoint.base import writes_sort_key

from .. import errors
from .._steps import Steps
from ._log import PAGE, Blob, MissingSegment, Notice, OtherThread, Point, View
from ._thread import Namespaces


T = TypeVar("T")

_ATTEMPTS = 10


def again_if_changed(work: Callable[[], Steps[T]]) -> Steps[T]:
    """Reads anew where others have removed, meanwhile, what the work was about to read or to write over."""
    for _ in range(_ATTEMPTS):
        try:
            return (yield from work())
        except (errors.CorruptItem, errors.VersionConflict):
            continue
    return (yield from work())


def head(view: View, namespace: str, namespaces: Optional[Namespaces] = None) -> Steps[Optional[Point]]:
    """VersionConflict: read anew."""
    limit = PAGE
    while True:
        records = yield from view.back(limit)
        found = next((each for each in records if isinstance(each, Point) and each.namespace == namespace), None)
        if found is not None or not records or namespaces is not None and namespaces.lacks(view, namespace):
            break
        limit = min(limit * 4, 1000)
    if namespaces is not None:
        namespaces.learn(view)
    if limit > PAGE and (yield from view.has_grown()):
        # The last checkpoint may have been removed, in favour of a newer one, before its page was read.
        raise errors.VersionConflict("others go on with the thread while it is read")
    return found


def find(view: View, namespace: str, id: str) -> Steps[Optional[Point]]:
    """From the end of the log, so that all writes of the checkpoint are read as well."""
    for record in list(view.records.values()):
        if isinstance(record, Point) and record.namespace == namespace and record.id == id:
            return record
    limit = PAGE
    while True:
        found = yield from view.back(limit)
        if not found:
            return None
        for record in found:
            if isinstance(record, Point) and record.namespace == namespace and record.id == id:
                return record
        limit = min(limit * 4, 1000)


def lost(view: View) -> Steps[Set[int]]:
    """Those of the checkpoints that have been read which cannot be read whole, since their thread was deleted before they were stored.
    CorruptItem: one is damaged, or something was removed in between."""
    found: Set[int] = set()
    for point in view.points():
        try:
            yield from view.check(point)
        except (OtherThread, MissingSegment) as error:
            if not (yield from is_lost(view, point, error)):
                raise
            found.add(point.number)
    return found


def is_lost(view: View, point: Point, error: errors.CorruptItem) -> Steps[bool]:
    """Whether a checkpoint that cannot be read is one of another thread, of which nothing else is there. Where a segment is missing, that is
    so only if its parent is not there either, and nobody has ever removed checkpoints of this thread; else it is damage."""
    if isinstance(error, OtherThread):
        return True
    if point.parent is None or (yield from find(view, point.namespace, point.parent)) is not None:
        return False
    # All of the log has been read.
    return not any(isinstance(each, Notice) for each in view.records.values())


def is_being_left(view: View, point: Point) -> bool:
    """Whether what it rests on may be about to be removed. All after it has been read."""
    return any(number > point.number and isinstance(record, Notice) for number, record in view.records.items())


def writes_of(view: View, point: Point) -> Steps[List[Tuple[str, str, Blob]]]:
    if point.seen is not None and point.seen + 1 < point.number:
        # Written while the checkpoint itself was still on its way.
        yield from view.need(point.seen + 1, point.number - 1)
    kept: Dict[Tuple[str, int], Tuple[str, str, Blob]] = {}
    for record in sorted(view.writes.get((point.namespace, point.id), ()), key=lambda each: each.number):
        for index, channel, blob in record.writes:
            if index < 0 or (record.task, index) not in kept:
                kept[record.task, index] = (record.path, channel, blob)
    order = sorted(kept, key=lambda key: writes_sort_key(kept[key][0], *key))
    return [(key[0], kept[key][1], kept[key][2]) for key in order]
