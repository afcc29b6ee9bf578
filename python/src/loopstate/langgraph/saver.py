"""LangGraph's checkpoints, on documents."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Any, AsyncIterator, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
    get_checkpoint_id,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

from .. import errors
from .._lock import Lock
from .._steps import Driver, Steps, append_together, call, document_key, insist, new_request_id
from .._together import Entry
from . import _upkeep
from ._copying import copy
from ._log import PAGE, MissingSegment, OtherThread, Point, View, Writes, pack
from ._messages import MessageSerializer
from ._reading import again_if_changed, find, head, is_being_left, is_lost, writes_of
from ._thread import Bases, Thread
from ._values import Held, Known, Serde, held_of
from ._writing import Storing

_THREADS = 64


class LoopstateSaver(BaseCheckpointSaver[int]):
    """Keeps the checkpoints of a user's threads.

    A thread is a collection of documents, and a checkpoint is one document in it, which holds what its predecessor does
    not: a conversation of any length costs one append a checkpoint, and a range or two to resume.

    Two runs that go on from the same checkpoint of a thread would lose one another's turn. The second to store a checkpoint
    is told so: `VersionConflict`; it then reads the thread anew by invoking the graph again. `guard_turns=False` lets both
    go on, as branches. Going on from an earlier checkpoint that is named in the config is always a branch.

    `store` is a Store, or an AsyncStore for the asynchronous methods alone.
    """

    serde: SerializerProtocol = MessageSerializer()

    def __init__(self, store: Any, *, user: str, serde: Optional[SerializerProtocol] = None, guard_turns: bool = True) -> None:
        super().__init__(serde=serde)
        self.user = user
        self.guard_turns = guard_turns
        self._driver = Driver(store, user)
        self._threads: "OrderedDict[str, Thread]" = OrderedDict()
        self._bases = Bases()
        self._lock = Lock()

    # How values are read and written.

    @property
    def _serde(self) -> Serde:
        return Serde(self.serde)

    def _thread(self, name: str) -> Thread:
        name = str(name)
        with self._lock:
            thread = self._threads.get(name)
            if thread is None:
                thread = self._threads[name] = Thread(name)
            self._threads.move_to_end(name)
            while len(self._threads) > _THREADS:
                self._threads.popitem(last=False)
            return thread

    # Reading.

    def _tuple(self, view: View, point: Point, config: RunnableConfig, thread: Optional[Thread], guarded: bool) -> Steps[CheckpointTuple]:
        serde = self._serde
        checkpoint, metadata = serde.serde.loads_typed(point.head)
        values: Dict[str, Any] = {}
        held: Dict[str, Held] = {}
        for channel, entry in point.values.items():
            raw, levels = yield from view.resolve(point.number, channel, entry)
            if thread is None:
                values[channel] = serde.load(raw)
            else:
                values[channel], marks = serde.load_marked(raw)
                held[channel] = held_of(levels, raw)
                thread.mark(point.namespace, channel, marks, held[channel])
        writes = yield from writes_of(view, point)
        if thread is not None:
            thread.note_view(view)
            if is_being_left(view, point):
                held.clear()  # The next checkpoint rests on nothing.
            versions = dict(checkpoint["channel_versions"])
            thread.keep(point.namespace, point.id, Known(point.number, view.end or 0, guarded, versions, held, view.generation))
        thread_id = config["configurable"]["thread_id"]
        return CheckpointTuple(
            config=_config(thread_id, point.namespace, point.id),
            checkpoint=cast(Checkpoint, {**checkpoint, "channel_values": values}),
            metadata=metadata,
            parent_config=_config(thread_id, point.namespace, point.parent) if point.parent else None,
            pending_writes=[(task, channel, serde.loads(blob)) for task, channel, blob in writes],
        )

    def _get_tuple(self, config: RunnableConfig) -> Steps[Optional[CheckpointTuple]]:
        configurable = config["configurable"]
        thread = self._thread(configurable["thread_id"])
        namespace = configurable.get("checkpoint_ns", "")
        id = get_checkpoint_id(config)

        def read() -> Steps[Optional[CheckpointTuple]]:
            while True:
                view = View(thread.collection)
                point = yield from (find(view, namespace, id) if id else head(view, namespace, thread.namespaces))
                if point is None:
                    if not id:
                        thread.note_view(view)
                        self._bases.keep_empty(thread, namespace, view.end or 0, view.generation)
                    return None
                guarded = self.guard_turns and (not id or self._bases.is_gone_on_from(view, thread, point))
                try:
                    found = yield from self._tuple(view, point, config, thread, guarded)
                    self._bases.keep(thread, namespace, point.id, view.end or 0, guarded, view.generation)
                    return found
                except (OtherThread, MissingSegment) as error:
                    if not (yield from is_lost(view, point, error)):
                        raise
                    yield from call("remove", thread.collection, document_key(point.number), at_version=point.version)

        return (yield from again_if_changed(read))

    def _list(
        self, config: Optional[RunnableConfig], filter: Optional[Dict[str, Any]], before: Optional[RunnableConfig], limit: Optional[int]
    ) -> Steps[List[CheckpointTuple]]:
        found: List[CheckpointTuple] = []
        if config is not None:
            collections = [self._thread(config["configurable"]["thread_id"]).collection]
        else:
            collections = yield from _upkeep.threads()
        for collection in collections:
            left = None if limit is None else limit - len(found)
            if left is None or left > 0:
                found.extend((yield from again_if_changed(partial(self._list_thread, collection, config, filter, before, left))))
        return found

    def _list_thread(
        self,
        collection: str,
        config: Optional[RunnableConfig],
        filter: Optional[Dict[str, Any]],
        before: Optional[RunnableConfig],
        limit: Optional[int],
    ) -> Steps[List[CheckpointTuple]]:
        configurable = config["configurable"] if config is not None else {}
        namespace, id = configurable.get("checkpoint_ns"), configurable.get("checkpoint_id")
        last = get_checkpoint_id(before) if before is not None else None
        view = View(collection)
        found: List[CheckpointTuple] = []
        seen = set()
        size = PAGE
        while records := (yield from view.back(size)):
            size = min(size * 4, 1000)
            for point in records:
                if not isinstance(point, Point) or (point.namespace, point.id) in seen:
                    continue
                seen.add((point.namespace, point.id))
                if namespace is not None and point.namespace != namespace or id and point.id != id:
                    continue
                if last is not None and point.id >= last:
                    continue
                if filter:
                    metadata = self.serde.loads_typed(point.head)[1]
                    if any(metadata.get(name) != wanted for name, wanted in filter.items()):
                        continue
                if limit is not None and len(found) >= limit:
                    return found
                name = point.thread if point.thread is not None else collection.split("/", 1)[1]
                where = config if config is not None else _config(name, point.namespace, point.id)
                try:
                    found.append((yield from self._tuple(view, point, where, None, False)))
                except (OtherThread, MissingSegment) as error:
                    if not (yield from is_lost(view, point, error)):
                        raise
        return found

    def _history(self, config: RunnableConfig, channels: Sequence[str]) -> Steps[Mapping[str, DeltaChannelHistory]]:
        configurable = config["configurable"]
        collection = self._thread(configurable["thread_id"]).collection
        namespace = configurable.get("checkpoint_ns", "")
        id = get_checkpoint_id(config)

        def collect() -> Steps[_upkeep.Collected]:
            view = View(collection)
            point = yield from (find(view, namespace, id) if id else head(view, namespace))
            if point is None:
                return {channel: (None, []) for channel in channels}
            above = lambda each: find(view, each.namespace, each.parent or "")  # noqa: E731
            return (yield from _upkeep.history_of(view, point, channels, above))

        collected = yield from again_if_changed(collect)
        answer: Dict[str, DeltaChannelHistory] = {}
        serde = self._serde
        for channel, (seed, writes) in collected.items():
            entry: DeltaChannelHistory = {"writes": [(task, channel, serde.loads(blob)) for task, blob in writes]}
            if seed is not None:
                entry["seed"] = serde.load(seed)
            answer[channel] = entry
        return answer

    # Writing.

    def _known(self, thread: Thread, namespace: str, id: str) -> Steps[Optional[Known]]:
        known = thread.points.get((namespace, id))
        if known is None:

            def read() -> Steps[Optional[Known]]:
                view = View(thread.collection)
                point = yield from find(view, namespace, id)
                if point is None:
                    return None
                yield from self._tuple(view, point, _config("", namespace, id), thread, False)
                known = thread.points[namespace, id]
                self._bases.restore(thread, namespace, id, known)
                return known

            known = yield from again_if_changed(read)
        return known

    def _put(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> Steps[RunnableConfig]:
        configurable = config["configurable"]
        thread = self._thread(configurable["thread_id"])
        namespace = configurable.get("checkpoint_ns", "")
        parent: Optional[str] = configurable.get("checkpoint_id")
        stored = _config(configurable["thread_id"], namespace, checkpoint["id"])
        known = (yield from self._known(thread, namespace, parent)) if parent else None
        again = thread.points.get((namespace, checkpoint["id"]))
        rest = {name: each for name, each in checkpoint.items() if name != "channel_values"}
        blob = self.serde.dumps_typed([rest, get_checkpoint_metadata(config, metadata)])
        point = Point(namespace, checkpoint["id"], parent, blob, {})
        point.thread = thread.name
        if known is not None:
            seen: Optional[int] = known.seen
            guarded, generation = known.guarded, known.generation
        else:
            seen, guarded, generation = self._bases.of(thread, namespace, parent)  # It has been removed, or there is none.
        point.seen = seen
        point.guarded = self.guard_turns and seen is not None and guarded
        first_writes = partial(self._bases.first_writes, thread, namespace, point.id)
        storing = Storing(thread, point, checkpoint, new_versions, known, generation, self._serde, first_writes)
        held: Optional[Dict[str, Held]] = None
        if again is not None:
            generation = again.generation
            held = yield from storing.replace(again.number)
            if held is None:
                thread.forget()
                return (yield from self._put(config, checkpoint, metadata, new_versions))
        else:
            held = yield from storing.append()
            generation = storing.generation
            self._bases.keep(thread, namespace, point.id, point.number, point.guarded, generation)
        versions = dict(checkpoint["channel_versions"])
        thread.keep(namespace, point.id, Known(point.number, point.number, point.guarded, versions, held, generation))
        return stored

    def _put_writes(self, config: RunnableConfig, writes: Sequence[Tuple[str, Any]], task_id: str, task_path: str) -> Steps[None]:
        configurable = config["configurable"]
        thread = self._thread(configurable["thread_id"])
        kept = [
            (WRITES_IDX_MAP.get(channel, index), channel, self.serde.dumps_typed(value)) for index, (channel, value) in enumerate(writes)
        ]
        record = Writes(configurable.get("checkpoint_ns", ""), configurable["checkpoint_id"], task_id, task_path, kept)

        def note(number: int, generation: Optional[str]) -> None:
            thread.note(number, "writes", generation)
            self._bases.keep_writes(thread, record.namespace, record.id, number)

        yield from append_together(thread.collection, Entry(pack(record), noted=note))

    def _delete_thread(self, thread_id: str) -> Steps[None]:
        thread = self._thread(thread_id)
        yield from insist("drop", thread.collection, request_id=new_request_id())
        thread.forget()

    def _delete_for_runs(self, run_ids: Sequence[str]) -> Steps[None]:
        runs = set(run_ids)
        if not runs:
            return
        for collection in (yield from _upkeep.threads()):
            yield from self._erase(collection, lambda point: self.serde.loads_typed(point.head)[1].get("run_id") in runs)

    def _erase(self, collection: str, goes: Any) -> Steps[None]:
        eraser = _upkeep.Eraser(collection, self._serde)
        yield from eraser.erase(goes)
        with self._lock:
            threads = [each for each in self._threads.values() if each.collection == collection]
        for thread in threads:
            thread.forget()

    def _prune(self, thread_ids: Sequence[str], strategy: str) -> Steps[None]:
        if strategy not in ("keep_latest", "delete"):
            raise ValueError(f"strategy: keep_latest or delete, not {strategy}")
        for thread_id in thread_ids:
            if strategy == "delete":
                yield from self._delete_thread(thread_id)
            else:
                yield from self._erase(self._thread(thread_id).collection, None)

    def _copy_thread(self, source: str, target: str) -> Steps[None]:
        yield from copy(self._thread(source).collection, self._thread(target))
        self._thread(target).forget()

    # What LangGraph calls.

    def get_tuple(self, config: RunnableConfig) -> Optional[CheckpointTuple]:
        return self._driver.run(self._get_tuple(config))

    async def aget_tuple(self, config: RunnableConfig) -> Optional[CheckpointTuple]:
        return await self._driver.arun(self._get_tuple(config))

    def list(
        self,
        config: Optional[RunnableConfig],
        *,
        filter: Optional[Dict[str, Any]] = None,
        before: Optional[RunnableConfig] = None,
        limit: Optional[int] = None,
    ) -> Iterator[CheckpointTuple]:
        yield from self._driver.run(self._list(config, filter, before, limit))

    async def alist(
        self,
        config: Optional[RunnableConfig],
        *,
        filter: Optional[Dict[str, Any]] = None,
        before: Optional[RunnableConfig] = None,
        limit: Optional[int] = None,
    ) -> AsyncIterator[CheckpointTuple]:
        for each in await self._driver.arun(self._list(config, filter, before, limit)):
            yield each

    def put(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        return self._driver.run(self._put(config, checkpoint, metadata, new_versions))

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        return await self._driver.arun(self._put(config, checkpoint, metadata, new_versions))

    def put_writes(self, config: RunnableConfig, writes: Sequence[Tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        self._driver.run(self._put_writes(config, writes, task_id, task_path))

    async def aput_writes(self, config: RunnableConfig, writes: Sequence[Tuple[str, Any]], task_id: str, task_path: str = "") -> None:
        await self._driver.arun(self._put_writes(config, writes, task_id, task_path))

    def delete_thread(self, thread_id: str) -> None:
        self._driver.run(self._delete_thread(thread_id))

    async def adelete_thread(self, thread_id: str) -> None:
        await self._driver.arun(self._delete_thread(thread_id))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        self._driver.run(self._delete_for_runs(run_ids))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        await self._driver.arun(self._delete_for_runs(run_ids))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        self._driver.run(self._copy_thread(source_thread_id, target_thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        await self._driver.arun(self._copy_thread(source_thread_id, target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        self._driver.run(self._prune(thread_ids, strategy))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        await self._driver.arun(self._prune(thread_ids, strategy))

    def get_delta_channel_history(self, *, config: RunnableConfig, channels: Sequence[str]) -> Mapping[str, DeltaChannelHistory]:
        return self._driver.run(self._history(config, channels)) if channels else {}

    async def aget_delta_channel_history(self, *, config: RunnableConfig, channels: Sequence[str]) -> Mapping[str, DeltaChannelHistory]:
        return await self._driver.arun(self._history(config, channels)) if channels else {}


def _config(thread_id: str, namespace: str, id: Optional[str]) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": id}}
