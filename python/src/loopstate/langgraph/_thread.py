"""What a saver remembers of threads."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Dict, NamedTuple, Optional, Set, Tuple

from .._lock import Lock
from .._steps import collection_name
from ._log import Notice, Point, View
from ._values import Held, Known, Marks

_POINTS = 64
_NUMBERS = 2048
_BASES = 8192
_NAMESPACES = 1 << 16


class Noted(NamedTuple):
    """What is remembered of a checkpoint in the log."""

    namespace: str
    parent: Optional[str]
    id: str
    guarded: bool


def noted(point: Point) -> Noted:
    return Noted(point.namespace, point.parent, point.id, point.guarded)


def what_is(record: Any) -> Any:
    if isinstance(record, Point):
        return noted(record)
    return "notice" if isinstance(record, Notice) else "writes"


class Namespaces:
    """In which ones there are checkpoints, up to a certain one: each call of a subgraph has a namespace of its own, and to find that there
    is nothing in it yet would take the whole log."""

    def __init__(self) -> None:
        #: The last checkpoint that was read, and the namespaces of all up to it.
        self._known: Optional[Tuple[int, Noted, Set[int]]] = None
        self._lock = Lock()

    def lacks(self, view: View, namespace: str) -> bool:
        """Whether nothing is there before what the view has read. It is the same log if that checkpoint is in its place."""
        known = self._known
        return known is not None and _has(view, known[0], known[1]) and hash(namespace) not in known[2]

    def learn(self, view: View) -> None:
        points = view.points()
        if not points:
            return
        last, names = max(points, key=lambda each: each.number), {hash(each.namespace) for each in points}
        with self._lock:
            known = self._known
            if known is not None and _has(view, known[0], known[1]):
                if len(known[2]) < _NAMESPACES:
                    known[2].update(names)
                    self._known = (last.number, noted(last), known[2])
            elif view.bottom == 1:
                self._known = (last.number, noted(last), names)


def _has(view: View, number: int, what: Noted) -> bool:
    record = view.records.get(number)
    return isinstance(record, Point) and noted(record) == what


class Thread:
    """What a saver knows of a thread's log."""

    def __init__(self, name: str) -> None:
        self.collection = collection_name("langgraph", name)
        #: Only where the collection's name does not say it.
        self.name = None if self.collection == f"langgraph/{name}" else name
        self.points: "OrderedDict[Tuple[str, str], Known]" = OrderedDict()
        #: The messages of each channel when it was last stored or loaded.
        self.marks: "OrderedDict[Tuple[str, str], Marks]" = OrderedDict()
        #: What each document of the log is, as far as known: Noted, "notice", "writes", or "gone".
        self.log: "OrderedDict[int, Any]" = OrderedDict()
        #: How far it is known.
        self.end = 0
        #: The collection's in which that is the log.
        self.generation: Optional[str] = None
        self.namespaces = Namespaces()
        self.lock = Lock()

    def note(self, number: int, what: Any, generation: Optional[str]) -> None:
        with self.lock:
            self._begin(generation)
            self._note(number, what)

    def note_number(self, view: View, number: int) -> Any:
        """What a view that has read this far shows."""
        what = what_is(view.records[number]) if number in view.records else "gone"
        self.note(number, what, view.generation)
        return what

    def note_view(self, view: View) -> None:
        """What a view has read that reaches to the end of the log."""
        end = view.end or 0
        with self.lock:
            self._begin(view.generation)
            for number in [each for each in self.log if each > end]:
                del self.log[number]  # The thread was deleted, or it is a newer one: it is read again.
            self.end = end
            for number, record in view.records.items():
                self._note(number, what_is(record))

    def _begin(self, generation: Optional[str]) -> None:
        if generation != self.generation:
            self.log.clear()
            self.end = 0
            self.generation = generation

    def _note(self, number: int, what: Any) -> None:
        if what != "gone" and self.log.get(number, what) != what:
            self.log.clear()  # The thread was deleted, and has begun anew.
            self.end = 0
        self.log[number] = what
        self.end = max(self.end, number)
        while len(self.log) > _NUMBERS:
            self.log.popitem(last=False)

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
            self.log.clear()
            self.end = 0


class Bases:
    """What runs go on from: how far the log was read then, whether only one may go on from there, and in which generation of the
    collection. Kept longer than all else that is known of a thread, since a model may take its time."""

    def __init__(self) -> None:
        self._bases: "OrderedDict[Tuple[str, str, str], Tuple[int, bool, Optional[str]]]" = OrderedDict()
        #: The first writes of checkpoints, which may be stored long before these: a run does not wait for what it stores.
        self._writes: "OrderedDict[Tuple[str, str, str], int]" = OrderedDict()
        self._lock = Lock()

    def keep_writes(self, thread: Thread, namespace: str, id: str, number: int) -> None:
        with self._lock:
            key = (thread.collection, namespace, id)
            self._writes[key] = min(number, self._writes.get(key, number))
            while len(self._writes) > _BASES:
                self._writes.popitem(last=False)

    def first_writes(self, thread: Thread, namespace: str, id: str) -> Optional[int]:
        return self._writes.get((thread.collection, namespace, id))

    def keep(self, thread: Thread, namespace: str, id: str, seen: int, guarded: bool, generation: Optional[str]) -> None:
        key = (thread.collection, namespace, id)
        with self._lock:
            self._bases[key] = (seen, guarded, generation)
            self._bases.move_to_end(key)
            while len(self._bases) > _BASES:
                self._bases.popitem(last=False)

    def keep_empty(self, thread: Thread, namespace: str, seen: int, generation: Optional[str]) -> None:
        """There is no checkpoint: only one run may begin."""
        self.keep(thread, namespace, "", seen, True, generation)

    def of(self, thread: Thread, namespace: str, id: Optional[str]) -> Tuple[Optional[int], bool, Optional[str]]:
        return self._bases.get((thread.collection, namespace, id or ""), (None, False, None))

    def restore(self, thread: Thread, namespace: str, id: str, known: Known) -> None:
        former = (known.seen, known.guarded, known.generation)
        known.seen, known.guarded, known.generation = self._bases.get((thread.collection, namespace, id), former)

    def is_gone_on_from(self, view: View, thread: Thread, point: Point) -> bool:
        """Whether a checkpoint that is asked for by its id is the one that a run here goes on from, which somebody only looks at."""
        _, guarded, _ = self.of(thread, point.namespace, point.id)
        return guarded and not any(each.namespace == point.namespace and each.parent == point.id for each in view.points())
