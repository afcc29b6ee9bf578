"""Finding checkpoints in a log, from its end."""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from langgraph.checkpoint.base import writes_sort_key

from .._steps import Steps
from ._log import PAGE, Blob, Point, View


def are_rivals(other: Point, namespace: str, parent: Optional[str], id: str) -> bool:
    return other.namespace == namespace and other.parent == parent and other.id != id


def is_void(view: View, point: Point) -> Steps[bool]:
    if not point.guarded or point.seen is None or point.seen + 1 >= point.number:
        return False
    yield from view.need(point.seen + 1, point.number - 1)
    for number in range(point.seen + 1, point.number):
        other = view.records.get(number)
        if isinstance(other, Point) and are_rivals(other, point.namespace, point.parent, point.id):
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
