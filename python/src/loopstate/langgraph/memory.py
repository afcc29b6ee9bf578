"""LangGraph's long-term memory, on documents."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, List, Optional, Tuple

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    MatchCondition,
    Op,
    PutOp,
    Result,
    SearchItem,
    SearchOp,
    TTLConfig,
    validate_op_namespace,
)

from .. import errors
from .._steps import Driver, Steps, call, collection_name, insist, label, list_all, new_request_id, to_body

Namespace = Tuple[str, ...]


class LoopstateStore(BaseStore):
    """Items under namespaces, each a document; their values are JSON.

    There is no vector index: `search` filters and pages, in the order of namespaces and keys, and a `query` has no effect.
    Items that have outlived their time are gone by themselves; nothing sweeps them.

    `store` is a Store, or an AsyncStore for the asynchronous methods alone.
    """

    supports_ttl = True
    __slots__ = ("user", "ttl_config", "_driver", "_collection")

    def __init__(self, store: Any, *, user: str, name: str = "default", ttl: Optional[TTLConfig] = None) -> None:
        self.user = user
        self.ttl_config = ttl
        self._driver = Driver(store, user)
        self._collection = collection_name("langgraph-store", name)

    def batch(self, ops: Iterable[Op]) -> List[Result]:
        return self._driver.run(self._batch(list(ops)))

    async def abatch(self, ops: Iterable[Op]) -> List[Result]:
        return await self._driver.arun(self._batch(list(ops)))

    def _batch(self, ops: List[Op]) -> Steps[List[Result]]:
        """Reads see what was there before the batch; of two puts of one item, the last counts."""
        results: List[Result] = []
        puts: Dict[Tuple[Namespace, str], PutOp] = {}
        for op in ops:
            validate_op_namespace(op)
            if isinstance(op, GetOp):
                results.append((yield from self._get(op)))
            elif isinstance(op, SearchOp):
                results.append((yield from self._search(op)))
            elif isinstance(op, ListNamespacesOp):
                results.append((yield from self._list_namespaces(op)))
            elif isinstance(op, PutOp):
                puts[op.namespace, op.key] = op
                results.append(None)
            else:
                raise ValueError(f"no operation of a store: {type(op).__name__}")
        for put in puts.values():
            yield from self._put(put)
        return results

    def _get(self, op: GetOp) -> Steps[Optional[Item]]:
        try:
            document = yield from call("get", self._collection, _key(op.namespace, op.key))
        except errors.NotFound:
            return None
        if op.refresh_ttl:
            yield from self._refresh(document)
        return Item(**_fields(document))

    def _put(self, op: PutOp) -> Steps[None]:
        key = _key(op.namespace, op.key)
        if op.value is None:
            yield from insist("remove", self._collection, key, request_id=new_request_id())
            return
        body = {"namespace": list(op.namespace), "key": op.key, "value": op.value}
        yield from self._store(key, to_body(body), op.ttl)

    def _store(self, key: str, body: bytes, ttl: Optional[float], **options: Any) -> Steps[None]:
        if ttl is not None:
            options.update(meta={"ttl": ttl}, lifetime=max(1, round(ttl * 60)))
        yield from insist("put", self._collection, key, body, request_id=new_request_id(), **options)

    def _refresh(self, document: Any) -> Steps[None]:
        ttl = (document.meta or {}).get("ttl")
        if ttl is None:
            return
        try:
            yield from self._store(document.key, document.body, ttl, at_version=document.version)
        except errors.VersionConflict:
            pass  # Written meanwhile, which refreshes it too.

    def _search(self, op: SearchOp) -> Steps[List[SearchItem]]:
        found: List[SearchItem] = []
        skipped = 0
        after: Optional[str] = None
        prefix = _prefix(op.namespace_prefix)
        options = {"prefix": prefix} if prefix else {}
        while len(found) < op.limit:
            page = yield from call("list", self._collection, after=after, limit=200, **options)
            for document in page.documents:
                fields = _fields(document)
                if any(not _agrees(fields["value"].get(name), wanted) for name, wanted in (op.filter or {}).items()):
                    continue
                if skipped < op.offset:
                    skipped += 1
                    continue
                if len(found) == op.limit:
                    break
                found.append(SearchItem(**fields))
                if op.refresh_ttl:
                    yield from self._refresh(document)
            after = page.next
            if after is None:
                break
        return found

    def _list_namespaces(self, op: ListNamespacesOp) -> Steps[List[Namespace]]:
        documents = yield from list_all(self._collection, without_bodies=True)
        namespaces = {_namespace(each.key) for each in documents}
        kept = {each for each in namespaces if all(_matches(condition, each) for condition in op.match_conditions or ())}
        if op.max_depth is not None:
            kept = {each[: op.max_depth] for each in kept}
        return sorted(kept)[op.offset : op.offset + op.limit]


# A key is the labels of the namespace, each followed by a slash, then "=" and the item's key.


def _label(text: str) -> str:
    return label(text).replace("=", "%3D")


def _prefix(namespace: Namespace) -> str:
    return "".join(f"{_label(each)}/" for each in namespace)


def _key(namespace: Namespace, key: str) -> str:
    prefix = _prefix(namespace)
    whole = f"{prefix}={label(key)}"
    if len(whole.encode()) <= 400:
        return whole
    if len(prefix.encode()) > 330:
        raise ValueError("a namespace is at most 330 bytes long")
    return f"{prefix}=#{hashlib.sha256(key.encode()).hexdigest()}"


def _namespace(key: str) -> Namespace:
    labels = key.split("/=", 1)[0].split("/")
    return tuple(each.replace("%3D", "=").replace("%00", "\0").replace("%2F", "/").replace("%25", "%") for each in labels)


def _fields(document: Any) -> Dict[str, Any]:
    body = json.loads(document.body)
    return {
        "namespace": tuple(body["namespace"]),
        "key": body["key"],
        "value": body["value"],
        "created_at": datetime.fromtimestamp(document.created_at, timezone.utc),
        "updated_at": datetime.fromtimestamp(document.updated_at, timezone.utc),
    }


def _matches(condition: MatchCondition, namespace: Namespace) -> bool:
    path = condition.path
    if len(path) > len(namespace):
        return False
    part = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return all(wanted in ("*", found) for wanted, found in zip(path, part))


def _agrees(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if any(str(name).startswith("$") for name in wanted):
            return all(_compares(found, operator, value) for operator, value in wanted.items())
        return isinstance(found, dict) and all(_agrees(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, (list, tuple)):
        return isinstance(found, (list, tuple)) and len(found) == len(wanted) and all(map(_agrees, found, wanted))
    return bool(found == wanted)


def _compares(found: Any, operator: str, wanted: Any) -> bool:
    if operator == "$eq":
        return bool(found == wanted)
    if operator == "$ne":
        return bool(found != wanted)
    if operator not in ("$gt", "$gte", "$lt", "$lte"):
        raise ValueError(f"no operator of a filter: {operator}")
    if found is None:
        return False
    one, other = float(found), float(wanted)
    return {"$gt": one > other, "$gte": one >= other, "$lt": one < other, "$lte": one <= other}[operator]
