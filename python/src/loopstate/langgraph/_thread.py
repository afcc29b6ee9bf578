"""What a saver remembers of threads."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Dict, Optional, Tuple

from .._lock import Lock
from .._steps import collection_name
from ._log import Notice, Point, View
from ._values import Held, Known, Marks

_POINTS = 64
_NUMBERS = 2048
_BASES = 8192


class Thread:
    """What a saver knows of a thread's log."""

    def __init__(self, name: str) -> None:
        self.collection = collection_name("langgraph", name)
        #: Only where the collection's name does not say it.
        self.name = None if self.collection == f"langgraph/{name}" else name
        self.points: "OrderedDict[Tuple[str, str], Known]" = OrderedDict()
        #: The messages of each channel when it was last stored or loaded.
        self.marks: "OrderedDict[Tuple[str, str], Marks]" = OrderedDict()
        #: Namespaces that were found empty, and how far the log was read then.
        self.empty: Dict[str, int] = {}
        #: What each document of the log is, as far as known: a checkpoint's parent and id, a notice, or something else.
        self.log: "OrderedDict[int, Any]" = OrderedDict()
        self.lock = Lock()

    def note(self, number: int, what: Any) -> None:
        with self.lock:
            if what != "gone" and self.log.get(number, what) != what:
                self.log.clear()  # The thread was deleted, and has begun anew.
            self.log[number] = what
            while len(self.log) > _NUMBERS:
                self.log.popitem(last=False)

    def note_record(self, record: Any) -> Any:
        what: Any = "notice" if isinstance(record, Notice) else "writes"
        if isinstance(record, Point):
            what = (record.namespace, record.parent, record.id)
        self.note(record.number, what)
        return what

    def mark(self, namespace: str, channel: str, marks: Marks, held: Held) -> None:
        marks.held = held
        with self.lock:
            self.marks[namespace, channel] = marks
            self.marks.move_to_end((namespace, channel))
            while len(self.marks) > _POINTS:
                self.marks.popitem(last=False)

    def keep(self, namespace: str, id: str, known: Known) -> None:
        with self.lock:
            self.points[namespace, id] = known
            self.points.move_to_end((namespace, id))
            while len(self.points) > _POINTS:
                self.points.popitem(last=False)

    def forget(self) -> None:
        with self.lock:
            self.points.clear()
            self.marks.clear()
            self.empty.clear()
            self.log.clear()


class Bases:
    """What runs go on from: how far the log was read then, and whether only one may go on from there. Kept longer than all else that is
    known of a thread, since a model may take its time."""

    def __init__(self) -> None:
        self._bases: "OrderedDict[Tuple[str, str, str], Tuple[int, bool]]" = OrderedDict()
        self._lock = Lock()

    def keep(self, thread: Thread, namespace: str, id: str, seen: int, guarded: bool) -> None:
        key = (thread.collection, namespace, id)
        with self._lock:
            self._bases[key] = (seen, guarded)
            self._bases.move_to_end(key)
            while len(self._bases) > _BASES:
                self._bases.popitem(last=False)

    def of(self, thread: Thread, namespace: str, id: str) -> Tuple[Optional[int], bool]:
        return self._bases.get((thread.collection, namespace, id), (None, False))

    def restore(self, thread: Thread, namespace: str, id: str, known: Known) -> None:
        known.seen, known.guarded = self._bases.get((thread.collection, namespace, id), (known.seen, known.guarded))

    def is_gone_on_from(self, view: View, thread: Thread, point: Point) -> bool:
        """Whether a checkpoint that is asked for by its id is the one that a run here goes on from, which somebody only looks at."""
        _, guarded = self._bases.get((thread.collection, point.namespace, point.id), (0, False))
        return guarded and not any(each.namespace == point.namespace and each.parent == point.id for each in view.points())


def is_other(noted: Any, point: Point) -> bool:
    """Whether what a log is known to hold is another checkpoint of the namespace."""
    return isinstance(noted, tuple) and noted[0] == point.namespace and noted[2] != point.id


def is_rival(noted: Any, point: Point) -> bool:
    return is_other(noted, point) and noted[1] == point.parent
