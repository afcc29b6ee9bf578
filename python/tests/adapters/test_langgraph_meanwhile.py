"""What others do to a thread between any two calls of a saver, and savers that are cut off between any two: whatever the
thread lists can be read, and says what was stored; and the conversation goes on."""

from __future__ import annotations

import itertools
import os
import threading
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import loopstate
import pytest
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from loopstate.langgraph import LoopstateSaver, _values
from loopstate.langgraph._log import Point, Writes, segments_of, unpack, unpack_segment

THREAD: Any = {"configurable": {"thread_id": "t", "checkpoint_ns": ""}}
COPY: Any = {"configurable": {"thread_id": "u", "checkpoint_ns": ""}}
LARGE = 900
_users = itertools.count()

#: What is done with the calls is the adapter's own, whatever engine answers them.
pytestmark = pytest.mark.parametrize("place", ["embedded"], indirect=True)


@pytest.fixture(autouse=True, params=[4 << 20, LARGE], ids=["", "large-values"])
def depth(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Segments come early."""
    monkeypatch.setattr("loopstate.langgraph._values.DEPTH", 3)
    monkeypatch.setattr("loopstate.langgraph._values.MOST", request.param)


class CutOff(BaseException):
    pass


class Documents:
    """A store's, in which something happens before call number `at`, or before each from there on, and which are cut off `survives` calls
    later."""

    each = False

    def __init__(self, store: Any, at: int, happens: Callable[[], object], survives: Optional[int]) -> None:
        self._documents = store.documents
        self._at, self._happens, self._survives = at, happens, survives
        self.calls = 0

    @property
    def documents(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._documents, name)

        def call(*arguments: Any, **options: Any) -> Any:
            number, self.calls = self.calls, self.calls + 1
            if number == self._at or self.each and 0 <= self._at < number:
                self._happens()
            if self._survives is not None and number == self._at + self._survives:
                raise CutOff
            return method(*arguments, **options)

        return call


class Worker:
    """Takes turns of a conversation, whatever happens to it."""

    def __init__(self, store: Any, user: str, stored: Dict[str, Any]) -> None:
        self.saver = LoopstateSaver(store, user=user)
        #: The ids of the turns that are in the thread, as it was told.
        self.taken: List[str] = []
        self._stored = stored
        self._config = THREAD
        self._messages: List[str] = []

    @property
    def ids(self) -> List[str]:
        """The turns of the conversation that it goes on with."""
        return [each.split()[0] for each in self._messages]

    def read(self) -> "Worker":
        found = self.saver.get_tuple(THREAD)
        self._config = found.config if found else THREAD
        self._messages = found.checkpoint["channel_values"]["messages"] if found else []
        assert found is None or found.checkpoint["channel_values"] == self._stored[found.checkpoint["id"]]
        return self

    def turns(self, count: int, run: str = "new") -> None:
        for _ in range(count):
            id = str(uuid6())
            messages = [*self._messages, f"{id} " * 10]
            self._stored[id] = {"messages": messages, "files": {each: each for each in messages}, "about": "what does not change " * 20}
            checkpoint: Any = {**empty_checkpoint(), "id": id, "channel_values": self._stored[id]}
            new = dict.fromkeys(["messages", "files"], id)
            checkpoint["channel_versions"] = {**new, "about": "1"}
            try:
                self._config = self.saver.put(self._config, checkpoint, {"run_id": run}, new if self._messages else checkpoint["channel_versions"])  # type: ignore[typeddict-unknown-key]
                self._messages = messages
                self.taken.append(id)
            except loopstate.VersionConflict:
                self.read()


class Case(NamedTuple):
    store: Any
    user: str
    stored: Dict[str, Any]

    def worker(self, store: Any = None) -> Worker:
        return Worker(store or self.store, self.user, self.stored)

    def begin_anew(self) -> None:
        self.worker().saver.delete_thread("t")
        self.worker().turns(14)

    def check(self) -> None:
        for where in (THREAD, COPY):
            saver = self.worker().saver
            for each in saver.list(where):
                assert each.checkpoint["channel_values"] == self.stored[each.checkpoint["id"]]
            found = saver.get_tuple(where)
            assert found is None or found.checkpoint["channel_values"] == self.stored[found.checkpoint["id"]]


CALLS: Dict[str, Callable[[Worker], object]] = {
    "read": lambda worker: worker.read(),
    "list": lambda worker: list(worker.saver.list(THREAD)),
    "turns": lambda worker: worker.turns(4),
    "copy_thread": lambda worker: worker.saver.copy_thread("t", "u"),
    "prune": lambda worker: worker.saver.prune(["t"]),
    "delete_for_runs": lambda worker: worker.saver.delete_for_runs(["old"]),
}
OTHERS: Dict[str, Callable[[Case], object]] = {
    "turns": lambda case: case.worker().read().turns(8),
    "delete_for_runs": lambda case: case.worker().saver.delete_for_runs(["old"]),
    "delete_thread": lambda case: case.worker().saver.delete_thread("t"),
    "begin_anew": lambda case: case.begin_anew(),
}


@pytest.mark.parametrize("survives", [None, 1, 2], ids=["", "cut-off-next", "cut-off-later"])
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("call", CALLS)
def test_between_any_two_calls(store: Any, call: str, other: str, survives: Optional[int]) -> None:
    if survives is not None and _values.MOST == LARGE:
        pytest.skip("where a saver is cut off has nothing to do with how large the values are")
    for at in itertools.count():
        case = Case(store, f"user-{next(_users)}", {})
        case.worker().turns(7, "old")
        case.worker().read().turns(2)
        documents = Documents(store, -9, lambda: OTHERS[other](case), survives)
        worker = case.worker(documents).read()
        if call in ("read", "list"):
            worker = case.worker(documents)
        documents.calls, documents._at = 0, at
        try:
            CALLS[call](worker)
        except CutOff:
            pass
        done = documents.calls <= at
        documents._at = -9
        case.check()
        worker.read().turns(2)
        case.worker().read().turns(2)
        case.check()
        if done:
            break


@pytest.mark.parametrize("reads", ["now and then", "once"])
@pytest.mark.parametrize("call", ["prune", "delete_for_runs", "copy_thread"])
def test_a_run_goes_on_between_all_calls(store: Any, call: str, reads: str) -> None:
    for at in itertools.count():
        case = Case(store, f"user-{next(_users)}", {})
        case.worker().turns(7, "old")
        case.worker().read().turns(2)
        running = case.worker().read()

        def goes_on() -> None:
            if reads == "now and then" and len(running.taken) % 4:
                running.read()
            running.turns(2)

        documents = Documents(store, at, goes_on, None)
        documents.each = True
        before = running.ids
        CALLS[call](case.worker(documents))
        case.check()
        assert case.worker().read().ids == [*before, *running.taken]
        running.turns(5)
        case.worker().saver.prune(["t"])
        case.check()
        if documents.calls <= at:
            break


def test_a_conversation_is_never_found_empty_while_it_goes_on(store: Any) -> None:
    for at in range(6):
        case = Case(store, f"user-{next(_users)}", {})
        worker = case.worker()
        worker.turns(3)
        worker.saver.prune(["t"])
        # So that its checkpoint is not on the first page.
        for number in range(60):
            worker.saver.put_writes(worker._config, [("messages", number)], f"task {number}")

        def goes_on() -> None:
            other = case.worker().read()
            other.turns(1)
            other.saver.prune(["t"])

        reader = case.worker(Documents(store, at, goes_on, None)).read()
        assert reader.ids[:3] == worker.ids, at
        reader.turns(1)
        assert len(case.worker().read().ids) >= 4


@pytest.mark.parametrize("call", ["prune", "delete_for_runs"])
def test_an_erasure_that_was_cut_off_is_finished_by_the_next_one(store: Any, call: str) -> None:
    for at in itertools.count():
        case = Case(store, f"user-{next(_users)}", {})
        worker = case.worker()
        for run in ["old"] * 9 + ["new"]:
            worker.turns(1, run)
            worker.saver.put_writes(worker._config, [("messages", "text")], "task")
        documents = Documents(store, at, lambda: None, 0)
        try:
            CALLS[call](case.worker(documents))
        except CutOff:
            pass
        case.check()
        CALLS[call](case.worker())
        case.check()
        found = store.documents.list(case.user, "langgraph/t").documents
        segments = {each.key: unpack_segment(each.body) for each in found if each.key.startswith("s/")}
        records = [unpack(each.key, each.version, each.body) for each in found if each.key not in segments]
        points = [each for each in records if isinstance(each, Point)]
        assert len(points) == 1
        assert {each.id for each in records if isinstance(each, Writes)} == {points[0].id}
        needed = [*segments_of(points[0].entries())]
        for key in needed:
            previous = segments[key].previous
            needed.extend([previous] if previous is not None else [])
        assert segments.keys() == set(needed)
        if documents.calls <= at:
            break


@pytest.mark.parametrize("savers", ["one saver", "a saver each"])
@pytest.mark.parametrize("erase", ["prune", "delete"])
def test_many_take_turns_while_others_prune_or_delete(store: Any, savers: str, erase: str) -> None:
    for _ in range(int(os.environ.get("LOOPSTATE_STRESS", 2))):
        case = Case(store, f"user-{next(_users)}", {})
        shared = case.worker()
        workers = [case.worker() for _ in range(5)]
        failed: List[BaseException] = []

        def work(number: int) -> None:
            worker = workers[number]
            if savers == "one saver":
                worker.saver = shared.saver
            try:
                for turn in range(20):
                    if number == 0:
                        worker.saver.prune(["t"], strategy="delete" if erase == "delete" else "keep_latest")
                    else:
                        worker.read().turns(1)
                        worker.saver.put_writes(worker._config, [("messages", turn)], f"task {number}") if worker._messages else None
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed
        case.check()
        if erase == "prune":
            # No turn is lost, none doubled, and who was refused is not in it.
            assert sorted(case.worker().read().ids) == sorted(id for each in workers for id in each.taken)
