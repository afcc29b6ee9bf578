"""Storing a checkpoint: which place in its thread's log it gets, whether it may have it, and what it may rest on.

A checkpoint that goes on from another one is appended at a number, the one after all that its writer knows of the log: whatever was
appended meanwhile is looked at first. So a checkpoint that is in the log counts, and nobody finds out only afterwards that another run was
first, or that what it rests on is being removed.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, Optional, Tuple

from langgraph.checkpoint.base import ChannelVersions, Checkpoint

from .. import errors
from .._steps import Steps, append_together, call, document_key, insist, new_request_id
from .._together import Entry
from . import _upkeep
from ._log import Point, View, pack, unpack
from ._thread import Noted, Thread, noted
from ._values import Held, Known, Marks, Serde, make, place, same

_Between = Dict[int, Any]
"""What the documents of a part of the log are, as Thread.log says it."""


class Storing:
    """Of one checkpoint. What it goes on from is `known`, if it is there."""

    def __init__(
        self,
        thread: Thread,
        point: Point,
        checkpoint: Checkpoint,
        new_versions: ChannelVersions,
        known: Optional[Known],
        generation: Optional[str],
        serde: Serde,
        first_writes: Callable[[], Optional[int]],
    ) -> None:
        self._thread = thread
        self._point = point
        self._checkpoint = checkpoint
        self._new_versions = new_versions
        self._known = known
        self._serde = serde
        self._first_writes = first_writes
        #: The collection's in which that is so, and then the one that it was appended in. None: not known.
        self.generation = generation
        #: Since when its parent is known to be the last: what follows in the log is yet to be looked at.
        self._since = point.seen or 0
        self._deleted = False
        #: Whether others were found to be here, and may have deleted the thread.
        self._others = False
        #: The number that was tried first.
        self._first: Optional[int] = None

    def append(self) -> Steps[Dict[str, Held]]:
        """Returns what is known of its values. VersionConflict: another run has gone on from its parent."""
        point, held = self._point, None
        rests = self._known is not None
        made_for: Any = None
        while True:
            end, between = yield from self._look()
            ours = self._find_own(between)
            if ours is not None and held is not None:  # The answer of an earlier attempt was lost.
                point.number = ours
                break
            if point.guarded and self._is_refused(between):
                raise errors.VersionConflict(
                    f"another run has gone on from checkpoint {point.parent} of this thread: invoke the graph again, on what it has stored"
                )
            rests = rests and self._may_rest(between)
            # Whoever deletes an empty log does not take its next number away.
            segments_stay = point.seen is not None and end > 0
            made_now = (rests, segments_stay, self._deleted, self._last_notice(between))
            if held is None or made_for != made_now:
                # After another notice also what rests on nothing before: the notice is about its new segments too.
                made_for, held = made_now, (yield from self._fill(rests, segments_stay))
            point.early = self._first_writes()
            if point.seen is None:
                # It goes on from nothing that is known, and rests on nothing.
                point.number = yield from append_together(self._thread.collection, Entry(pack(point), noted=self._note))
                break
            self._first = self._first or end + 1
            try:
                entry = Entry(pack(point), partial(self._next, end), self._note, self.generation)
                point.number = yield from append_together(self._thread.collection, entry)
            except errors.VersionConflict:
                yield from self._catch_up(end)
            if point.number:
                break
        self._place(held)
        return held

    def replace(self, number: int) -> Steps[Optional[Dict[str, Held]]]:
        """Over the checkpoint of the same id; what others rest on stays. It rests on nothing itself, since what it might rest on may have
        been removed since it was last in the log. None: it is not there any more."""
        point = self._point
        held = yield from self._fill(False, False)
        key = document_key(number)
        while True:
            try:
                stored = yield from call("get", self._thread.collection, key)
            except errors.NotFound:
                return None
            old = unpack(key, stored.version, stored.body)
            if not isinstance(old, Point) or (old.namespace, old.id) != (point.namespace, point.id):
                return None  # The thread was deleted, and has begun anew.
            point.attic = [*old.attic, *((channel, entry) for channel, entry in old.values.items())]
            point.number, point.guarded, point.seen, point.history = number, old.guarded, old.seen, old.history
            try:
                yield from insist(
                    "put", self._thread.collection, key, pack(point), at_version=old.version, request_id=new_request_id()
                )
            except errors.VersionConflict:
                continue
            self._place(held)
            return held

    def _look(self) -> Steps[Tuple[int, _Between]]:
        """How far the log is known, and what is in it since its parent was the last."""
        thread = self._thread
        end = max(self._since, thread.end) if self._is_noted() else self._since
        between = {number: thread.log.get(number) for number in range(self._since + 1, end + 1)}
        unknown = [number for number, what in between.items() if what is None]
        if unknown:
            view = View(thread.collection)
            yield from view.need(unknown[0], unknown[-1])
            for number in unknown:
                between[number] = thread.note_number(view, number)
            self._others = True
        if self._others and self._may_rest(between) and not (yield from self._has_parent()):
            self._begin_anew()
            return (yield from self._look())
        self._others = False
        return end, between

    def _has_parent(self) -> Steps[bool]:
        """Whether its parent still is where it was. Where nobody has said that checkpoints are removed, the thread was deleted otherwise,
        and has begun anew."""
        if self._known is None or self._point.parent is None:
            return self._point.parent is None
        view = View(self._thread.collection)
        yield from view.need(self._known.number, self._known.number)
        parent = view.records.get(self._known.number)
        return isinstance(parent, Point) and (parent.namespace, parent.id) == (self._point.namespace, self._point.parent)

    def _is_noted(self) -> bool:
        """Whether what is noted of the log is about the one that this goes on from."""
        return self.generation is None or self._thread.generation == self.generation

    def _begin_anew(self) -> None:
        self._deleted, self._others, self._first, self.generation = True, False, None, None
        self._since = self._point.seen = 0
        self._thread.forget()

    def _note(self, number: int, generation: Optional[str]) -> None:
        self.generation = generation
        self._thread.note(number, noted(self._point), generation)

    def _next(self, end: int) -> int:
        """The number after all that is known of the log. 0: there is more than writes since it was looked at."""
        if not self._is_noted():
            return end + 1
        log, now = self._thread.log, max(end, self._thread.end)
        return now + 1 if all(log.get(number) == "writes" for number in range(end + 1, now + 1)) else 0

    def _catch_up(self, end: int) -> Steps[None]:
        """With what others have appended: there is something, or there was."""
        thread = self._thread
        view = View(thread.collection)
        records = yield from view.from_(end + 1)
        if self.generation is not None and view.generation != self.generation:
            self._begin_anew()
        elif records:
            for number in range(end + 1, records[-1].number + 1):
                thread.note_number(view, number)
            self.generation, self._others = view.generation, True
        elif not self._deleted:
            self._begin_anew()
        else:
            self._point.seen = None  # Somebody has removed the end of the log.

    def _find_own(self, between: _Between) -> Optional[int]:
        if self._first is None:
            return None
        own = noted(self._point)
        return next((number for number, what in between.items() if number >= self._first and what == own), None)

    def _is_refused(self, between: _Between) -> bool:
        """Whether another run was first. What it has stored first may have been removed, but not all since."""
        erased = not self._deleted and "notice" in between.values()
        others = [each for each in between.values() if isinstance(each, Noted) and each.namespace == self._point.namespace]
        return any(each.parent == self._point.parent or each.guarded or erased for each in others if each.id != self._point.id)

    def _may_rest(self, between: _Between) -> bool:
        """On what was in the log before: nobody has said that any of it is removed."""
        return not self._deleted and "notice" not in between.values()

    @staticmethod
    def _last_notice(between: _Between) -> int:
        return max((number for number, what in between.items() if what == "notice"), default=0)

    def _fill(self, rests: bool, segments_stay: bool) -> Steps[Dict[str, Held]]:
        """Its values, as far as possible by what is known of its parent's. New segments only if whoever removes them for being unknown
        says so where it is seen before the checkpoint is stored."""
        thread, point, serde = self._thread, self._point, self._serde
        held: Dict[str, Held] = {}
        values = self._checkpoint["channel_values"]
        versions = self._checkpoint["channel_versions"]
        known = self._known if rests else None
        former = known.values if known is not None else {}
        point.values = {}
        for channel in {**values, **versions}:
            before = former.get(channel)
            unchanged = known is not None and channel not in self._new_versions and known.versions.get(channel) == versions.get(channel)
            if before is not None and unchanged:
                point.values[channel], held[channel] = same(before), before
            elif channel in values:
                marks = Marks(values[channel])
                then = thread.marks.get((point.namespace, channel))
                made = make(serde, point.namespace, channel, values[channel], before, then, marks, segments_stay=segments_stay)
                thread.mark(point.namespace, channel, marks, made.held)
                for key, segment in made.segments:
                    yield from _upkeep.put_segment(thread.collection, key, segment)
                point.values[channel], held[channel] = made.entry, made.held
        return held

    def _place(self, held: Dict[str, Held]) -> None:
        for each in held.values():
            place(each, self._point.number)
