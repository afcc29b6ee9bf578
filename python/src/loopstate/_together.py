"""Appends to one collection that several threads make at the same time go out as one, so that they do not stand in each
other's way: whoever comes first makes the call, and those who come meanwhile are in the next one."""

from __future__ import annotations

import os
import threading
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from . import errors
from ._lock import Lock

MOST_APPENDED = 90
_MOST_BYTES = 4 << 20


class Entry(NamedTuple):
    body: bytes
    #: Asked when the call is about to be made: the number that it is to get, or none. 0: it is not to be appended as it is.
    at: Optional[Callable[[], int]] = None
    #: Told its number, and the collection's generation, before anything else is appended.
    noted: Optional[Callable[[int, Optional[str]], None]] = None
    #: With `at`: the collection's, in which it has that number.
    generation: Optional[str] = None


Call = Callable[[List[bytes], Optional[int], Optional[str]], Any]
"""Appends, perhaps at a number and in a generation of the collection, and returns what the store answers."""


class _Waiting:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.number: Optional[int] = None
        self.error: Optional[BaseException] = None
        #: Set when it is done, or when it is this one's turn to make the call.
        self.woken = threading.Event()


class Together:
    def __init__(self) -> None:
        self._lock = Lock()
        self._process = os.getpid()
        #: A collection is here while somebody makes a call for it: who waits for the next one.
        self._waiting: Dict[Any, List[_Waiting]] = {}

    def append(self, place: Any, entry: Entry, call: Call) -> int:
        """Its number; 0 if `entry.at` said so. May be repeated: what is appended twice is read once."""
        mine = _Waiting(entry)
        with self._lock:
            if self._process != os.getpid():  # Those who wait are threads of the parent.
                self._waiting, self._process = {}, os.getpid()
            waiting = self._waiting.get(place)
            if waiting is None:
                self._waiting[place] = []
            else:
                waiting.append(mine)
        if waiting is not None:
            try:
                mine.woken.wait()
            except BaseException:  # Ctrl-C
                self._leave(place, mine)
                raise
        if mine.number is None and mine.error is None:
            self._lead(place, mine, call)
        if mine.error is not None:
            raise mine.error
        assert mine.number is not None
        return mine.number

    def _leave(self, place: Any, mine: _Waiting) -> None:
        """Nobody is to wait for one who waits no more."""
        with self._lock:
            waiting = self._waiting.get(place)
            if waiting is None:
                return
            if mine in waiting:
                waiting.remove(mine)
            elif mine.woken.is_set() and mine.number is None and mine.error is None:
                self._hand_on(place)

    def _hand_on(self, place: Any) -> None:
        following = self._waiting[place]
        if following:
            following.pop(0).woken.set()
        else:
            del self._waiting[place]

    def _lead(self, place: Any, mine: _Waiting, call: Call) -> None:
        batch = [mine]
        with self._lock:
            waiting = self._waiting[place]
            size = len(mine.entry.body)
            numbered = mine.entry.at is not None
            for each in list(waiting):
                size += len(each.entry.body)
                if len(batch) == MOST_APPENDED or size > _MOST_BYTES or numbered and each.entry.at is not None:
                    break
                numbered = numbered or each.entry.at is not None
                waiting.remove(each)
                batch.append(each)
        try:
            self._append(batch, call)
        finally:
            with self._lock:
                self._hand_on(place)
            for each in batch[1:]:
                if each.number is None and each.error is None:
                    each.error = errors.Cancelled("the call that was to store this was interrupted")
                each.woken.set()

    @staticmethod
    def _append(batch: List[_Waiting], call: Call) -> None:
        """Of whom one at most is to get a certain number."""
        batch = sorted(batch, key=lambda each: each.entry.at is None)  # It is the first.
        first = batch[0].entry
        at = first.at() if first.at is not None else None
        if at == 0:
            batch.pop(0).number = 0
            if not batch:
                return
            at = None
        try:
            appended = call([each.entry.body for each in batch], at, first.generation if at is not None else None)
        except errors.Error as error:
            if at is not None and isinstance(error, errors.VersionConflict) or len(batch) == 1:
                batch.pop(0).error = error
                if batch:
                    Together._append(batch, call)
                return
            for each in batch:  # So that one that is refused does not take the others with it.
                Together._append([each], call)
            return
        for place, each in enumerate(batch):
            if each.entry.noted is not None:
                each.entry.noted(appended.first + place, appended.generation)
            each.number = appended.first + place
