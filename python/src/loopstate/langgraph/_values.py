"""From the values of a checkpoint to entries of its document, and back."""

from __future__ import annotations

import hashlib
import os
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

import ormsgpack

from . import _messages
from ._log import DEPTH, MOST, Base, Blob, Entry, Inline, Items, Level, Raw, Same, Segment, cut, new_tag, size_of

#: Less than this is written again rather than referred to.
SMALL = 256


class Serde:
    """A serializer, and the one inside it that makes the same bytes of the same value, if it encrypts."""

    def __init__(self, serde: Any) -> None:
        from langgraph.checkpoint.serde.encrypted import EncryptedSerializer

        self.serde = serde
        self.encrypts = isinstance(serde, EncryptedSerializer)
        self.plain = serde.serde if self.encrypts else serde

    def parts(self, value: Any) -> Tuple[str, List[Any]]:
        """What the value is stored as; no container: as a whole."""
        if type(value) is list:
            return "list", value
        if type(value) is dict and all(type(key) is str for key in value):
            # Other keys may come back as something else when they are not keys: a tuple as a list.
            return "dict", [[key, each] for key, each in value.items()]
        return "", [value]

    def loads(self, blob: Blob) -> Any:
        """Messages in the adapter's own form also where another serializer has been given since."""
        return _messages.loads(blob[1]) if blob[0] == _messages.KIND else self.serde.loads_typed(blob)

    def load(self, raw: Raw) -> Any:
        if raw.container == "dict":
            return dict(map(self.loads, raw.blobs))
        return list(map(self.loads, raw.blobs)) if raw.container == "list" else self.loads(raw.blobs[0])

    def load_marked(self, raw: Raw) -> "Tuple[Any, Marks]":
        """The value, and the state that its messages are in."""
        if raw.container != "list":
            value = self.load(raw)
            return value, Marks(value)
        messages, as_stored = _messages.loads_each(raw.blobs, self.serde.loads_typed)
        return messages, Marks(messages, [body for _, body in raw.blobs] if as_stored else None)

    def digests(self, blobs: List[Blob]) -> List[int]:
        if self.encrypts:
            blobs = [self.plain.dumps_typed(self.loads(blob)) for blob in blobs]
        return [digest(blob) for blob in blobs]


def digest(blob: Blob) -> int:
    """For as long as the process lives; under a key of the process's own."""
    return hash(blob)


class Held:
    """What is known of a stored value: where it is, and by what its items are recognised."""

    __slots__ = ("number", "tag", "container", "levels", "_raw", "_digests", "small")

    def __init__(
        self, number: int, tag: bytes, container: str, levels: List[Level], raw: Optional[List[Blob]], digests: Optional[List[int]]
    ) -> None:
        self.number = number
        self.tag = tag
        self.container = container
        self.levels = levels
        self._raw = raw
        self._digests = digests
        #: The whole value, where it is too small to refer to.
        self.small: Optional[Blob] = None

    def digests(self, serde: Serde) -> List[int]:
        if self._digests is None:
            assert self._raw is not None
            self._digests = serde.digests(self._raw)
            self._raw = None
        return self._digests


def held_of(levels: List[Level], raw: Raw) -> Held:
    top = levels[-1]
    tag = top.key
    assert isinstance(tag, bytes)  # The last is never a segment.
    if raw.container:
        return Held(top.number, tag, raw.container, levels, raw.blobs, None)
    held = Held(top.number, tag, "", [], raw.blobs, None)
    if len(raw.blobs[0][1]) < SMALL:
        held.small = raw.blobs[0]
    return held


class Marks:
    """The messages of a list, and the state they are in: those that are later in the same state serialize to the same. To be made before
    the list is serialized, and settled afterwards: what changed meanwhile is then found changed."""

    __slots__ = ("held", "_blocks", "_rest")

    def __init__(self, value: Any, packed: Optional[List[bytes]] = None) -> None:
        """`packed`: the messages have just been made of these, which tell their state without another look at them."""
        #: What was stored, or loaded, as them.
        self.held: Optional[Held] = None
        messages = value if type(value) is list else []
        state: Callable[[List[Any]], Optional[int]] = _state
        if packed is not None:
            messages, state = packed, _state_packed
        whole = len(messages) - len(messages) % _BLOCK
        self._blocks = [state(messages[at : at + _BLOCK]) for at in range(0, whole, _BLOCK)]
        self._rest = [state([each]) for each in messages[whole:]]

    def unchanged(self, now: "Marks", messages: Any) -> int:
        """At least how many of the `messages`, whose marks are `now`, are as these were at the beginning."""
        count = 0
        for one, other in zip(self._blocks, now._blocks):
            if one is None or one != other:
                return count
            count += _BLOCK
        if count < _BLOCK * len(self._blocks) or type(messages) is not list:
            return count
        for one, message in zip(self._rest, messages[count:]):
            if one is None or one != _state([message]):
                break
            count += 1
        return count

    def settle(self, messages: Any, sure: int) -> None:
        """Forgets those of the `messages`, after the first `sure` ones, that are in another state by now: which one was serialized?"""
        block = sure // _BLOCK
        if type(messages) is not list or sure >= len(messages):
            return
        after = Marks(messages[block * _BLOCK :])
        self._blocks[block:] = _agreed(self._blocks[block:], after._blocks)
        self._rest = _agreed(self._rest, after._rest)


def _agreed(ones: List[Optional[int]], others: List[Optional[int]]) -> List[Optional[int]]:
    return [one if one == other else None for one, other in zip(ones, others)]


#: So many messages are looked at together.
_BLOCK = 32


def _state(messages: List[Any]) -> Optional[int]:
    """Differs whenever the serialized messages would. None: not all are known to be messages, made of nothing but plain values."""
    try:
        return hash(ormsgpack.packb([_messages.content_of(each) for each in messages], option=_messages.AS_IT_IS))
    except (ValueError, AttributeError, TypeError, KeyError):
        return None


def _state_packed(messages: List[bytes]) -> int:
    """The same of messages that are stored as these bytes."""
    return hash(_HEADS[len(messages)] + b"".join(messages))


#: What precedes the items of a list.
_HEADS = {count: ormsgpack.packb([None] * count)[:-count] for count in (1, _BLOCK)}


class Made(NamedTuple):
    entry: Entry
    held: Held
    segments: List[Tuple[str, Segment]]


def whole(container: str, blobs: List[Blob]) -> Entry:
    """The value, resting on nothing."""
    if not container:
        return Inline(new_tag(), blobs[0])
    return Items(new_tag(), container, None, 0, blobs)


def same(held: Held) -> Entry:
    if held.small is not None:
        return Inline(held.tag, held.small)
    return Same(held.number, held.tag)


def _prefix(one: List[int], other: List[int]) -> int:
    count = min(len(one), len(other))
    if one[:count] == other[:count]:
        return count
    return next(index for index in range(count) if one[index] != other[index])


def _lineage(levels: List[Level], namespace: str, channel: str) -> Tuple[str, int]:
    """The beginning of the next segment's key, and its place in the row."""
    for level in reversed(levels):
        if not level.number:
            row, last = str(level.key).rsplit("/", 1)
            return row, int(last.split("-")[0]) + 1
    name = hashlib.blake2b(f"{namespace}\0{channel}".encode(), digest_size=4).hexdigest()
    return f"s/{name}/{os.urandom(6).hex()}", 1


def _split(blobs: List[Blob]) -> Iterable[List[Blob]]:
    """In parts of at most MOST bytes each, but for single items that are larger."""
    part: List[Blob] = []
    size = 0
    for blob in blobs:
        size += len(blob[1])
        if part and size > MOST:
            yield part
            part, size = [], len(blob[1])
        part.append(blob)
    if part:
        yield part


def make(
    serde: Serde,
    namespace: str,
    channel: str,
    value: Any,
    former: Optional[Held],
    then: Optional[Marks],
    now: Marks,
    *,
    segments_stay: bool = True,
) -> Made:
    """The entry of a value of which `former` is known, and perhaps in what state its messages were `then`. Its own place in `held` is
    document 0 until `place` is called. It gets new segments only if they stay until it is stored."""
    container, parts = serde.parts(value)
    known = former.digests(serde) if former is not None and former.container == container else []
    sure = min(then.unchanged(now, value), len(known)) if then is not None and then.held is former else 0
    serialized: Dict[int, Blob] = {}

    def plain(index: int) -> Blob:
        if index not in serialized:
            serialized[index] = serde.plain.dumps_typed(parts[index])
        return serialized[index]

    def blobs(first: int) -> List[Blob]:
        return [serde.serde.dumps_typed(parts[index]) if serde.encrypts else plain(index) for index in range(first, len(parts))]

    def is_small(count: int) -> bool:
        total = 0
        for index in range(count):
            total += len(plain(index)[1])
            if total >= SMALL:
                return False
        return True

    digests = known[:sure] + [digest(plain(index)) for index in range(sure, len(parts))]
    now.settle(value, sure)
    common = _prefix(known, digests)
    digests[:common] = known[:common]  # The same, so that they are in memory once.
    if former is not None and known and common == len(known) == len(digests):
        if former.small is None:
            return Made(Same(former.number, former.tag), former, [])
        return Made(same(former), former, [])
    if not container:
        entry: Entry = Inline(new_tag(), blobs(0)[0])
        held = Held(0, entry.tag, "", [], None, digests)
        if len(plain(0)[1]) < SMALL:
            assert isinstance(entry, Inline)
            held.small = entry.blob
        return Made(entry, held, [])
    tag = new_tag()
    levels: List[Level] = []
    if former is not None and not is_small(common):
        for index, level in enumerate(former.levels):
            if level.upto >= common:
                levels = cut(former.levels[: index + 1], common)
                break
    segments: List[Tuple[str, Segment]] = []
    if not levels:
        common = 0
    own = blobs(common)
    depth, size = sum(1 for level in levels if level.number), sum(level.size for level in levels if level.number) + size_of(own)
    if segments_stay and (depth >= DEPTH or size > MOST and len(parts) > 1):
        row, place = _lineage(levels, namespace, channel)
        levels = [level for level in levels if not level.number]
        previous, common = (str(levels[-1].key), levels[-1].upto) if levels else (None, 0)
        for place, part in enumerate(_split(blobs(common)), place):
            key = f"{row}/{place:08}-{os.urandom(4).hex()}"
            segments.append((key, Segment(previous, common, part)))
            previous, common = key, common + len(part)
            levels.append(Level(0, key, common))
        own = []
    base = Base(levels[-1].number, levels[-1].key, common) if levels else None
    low = min((level.number for level in levels if level.number), default=0)
    held = Held(0, tag, container, [*levels, Level(0, tag, len(parts), size_of(own))], None, digests)
    return Made(Items(tag, container, base, low, own), held, segments)


def place(held: Held, number: int) -> None:
    """Says in which document the value has come to be."""
    if held.number:
        return
    held.number = number
    if held.levels:
        held.levels[-1] = held.levels[-1]._replace(number=number)


class Known:
    """What a saver remembers of a checkpoint, so that the next one need only say what changed."""

    __slots__ = ("number", "seen", "guarded", "versions", "values", "generation")

    def __init__(
        self, number: int, seen: int, guarded: bool, versions: Dict[str, Any], values: Dict[str, Held], generation: Optional[str]
    ) -> None:
        self.number = number
        #: How far the log was read when this was known to hold.
        self.seen = seen
        self.guarded = guarded
        self.versions = versions
        self.values = values
        #: The collection's in which it has that number.
        self.generation = generation
