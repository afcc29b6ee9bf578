"""Finding checkpoints in a log, from its end."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Tuple, TypeVar

from langgraph.checkpoint.base import writes_sort_key

from .. import errors
from .._steps import Steps
from ._log import PAGE, Blob, Notice, Point, View


T = TypeVar("T")


def again_if_changed(work: Callable[[], Steps[T]]) -> Steps[T]:
    """Reads anew where others have removed, meanwhile, what the work was about to read or to write over."""
    for _ in range(3):
        try:
            return (yield from work())
        except (errors.CorruptItem, errors.VersionConflict):
            continue
    return (yield from work())


def is_void(view: View, point: Point) -> Steps[bool]:
    """Whether another run was first. After an erasure that may be seen only by what the other one has stored since."""
    if not point.guarded or point.seen is None or point.seen + 1 >= point.number:
        return False
    yield from view.need(point.seen + 1, point.number - 1)
    between = [view.records.get(number) for number in range(point.seen + 1, point.number)]
    erased = any(isinstance(each, Notice) for each in between)
    for other in between:
        if isinstance(other, Point) and other.namespace == point.namespace and other.id != point.id:
            if erased or other.parent == point.parent:
                return True
    return False


def head(view: View, namespace: str) -> Steps[Optional[Point]]:
    limit = PAGE
    while True:
        found = yield from view.back(limit)
        if not found:
            return None
        for record in found:
            if isinstance(record, Point) and record.namespace == namespace:
                if not (yield from is_void(view, record)):
                    return record
        limit = min(limit * 4, 1000)


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


def may_lose_its_base(view: View, point: Point) -> Steps[bool]:
    """Whether it, or what it rests on, may be about to be removed: somebody has said so after it, or before it without its writer knowing
    of it, who then is yet to store it whole, or was cut off before. All after it has been read."""
    if any(number > point.number and isinstance(record, Notice) for number, record in view.records.items()):
        return True
    if point.seen is None or point.is_whole():
        return False
    if point.number <= point.seen:
        return True
    if point.seen + 1 < point.number:
        yield from view.need(point.seen + 1, point.number - 1)
    return any(isinstance(view.records.get(number), Notice) for number in range(point.seen + 1, point.number))


def is_unfinished(view: View, point: Point) -> Steps[bool]:
    """Of a checkpoint that cannot be read: whether its writer was cut off before it found that what the checkpoint rests on has been
    removed by others, and stored it whole. Nobody was told that it is stored."""
    if point.seen is None:
        return False
    if point.number <= point.seen:
        return True  # The thread was deleted, and has begun anew.
    if point.seen + 1 < point.number:
        yield from view.need(point.seen + 1, point.number - 1)
        if any(isinstance(view.records.get(number), Notice) for number in range(point.seen + 1, point.number)):
            return True
    above = (yield from find(view, point.namespace, point.parent)) if point.parent is not None else None
    return above is None or above.number > point.seen  # Deleted, and has grown beyond this place since.


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
