"""Messages of langchain_core in a form of their own: they are most of what a conversation holds, and making them anew by validation, as
LangGraph's serializer does, is most of what resuming it takes.

A message is stored as its class's name and its state, and given that state back, as by `copy` and `pickle`. That is done where nothing
can be lost by it: the class is one of those below and has the fields that it had when the message was stored, and the state is made of
nothing but None, bool, int, float, str, bytes, list, and dict with keys that are str. All else is left to LangGraph's serializer.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Optional, Tuple, Type

import ormsgpack
from langchain_core import messages
from langchain_core.messages import BaseMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from .. import errors

KIND = "loopstate/1"
"""The type of what is stored in this form: a message, or a list of messages. Another form gets another number."""

_NAMES = (
    "AIMessage",
    "AIMessageChunk",
    "ChatMessage",
    "ChatMessageChunk",
    "FunctionMessage",
    "FunctionMessageChunk",
    "HumanMessage",
    "HumanMessageChunk",
    "RemoveMessage",
    "SystemMessage",
    "SystemMessageChunk",
    "ToolMessage",
    "ToolMessageChunk",
)

#: The fields; None: there is more to an instance than those.
Fields = Optional[FrozenSet[str]]


def _classes() -> Dict[str, Tuple[Type[BaseMessage], Fields]]:
    found: Dict[str, Tuple[Type[BaseMessage], Fields]] = {}
    for name in _NAMES:
        kind = getattr(messages, name, None)
        if kind is not None:
            found[name] = (kind, None if kind.__private_attributes__ else frozenset(kind.model_fields))
    return found


#: What may be made of stored bytes: nothing is ever imported by a name that is found there.
CLASSES = _classes()
#: The messages that can be given their state back.
NAMES: Dict[type, str] = {kind: name for name, (kind, fields) in CLASSES.items() if fields is not None}

#: Nothing is taken for something plainer than it is.
AS_IT_IS = (
    ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_SUBCLASS
    | ormsgpack.OPT_PASSTHROUGH_UUID
)
_PLAIN = AS_IT_IS | ormsgpack.OPT_PASSTHROUGH_TUPLE


def content_of(message: Any) -> List[Any]:
    """What a message of NAMES is stored as; KeyError for another one."""
    return [NAMES[type(message)], message.__dict__, message.__pydantic_extra__]


def _content_if_whole(message: Any) -> List[Any]:
    content = content_of(message)
    if content[1].keys() != CLASSES[content[0]][1] or type(content[2]) is not dict or message.__pydantic_private__ is not None:
        raise ValueError("there is more to this message than its fields, or less")
    return content


def _pack(value: Any) -> Optional[bytes]:
    """None: this is for LangGraph's serializer."""
    one = type(value) in NAMES
    if not one and (type(value) is not list or not value or type(value[0]) not in NAMES):
        return None
    try:
        packed = ormsgpack.packb(_content_if_whole(value) if one else [_content_if_whole(each) for each in value], option=_PLAIN)
        ormsgpack.unpackb(packed)  # Some things can be written, and not be read: an `ormsgpack.Ext`.
        return packed
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _made_anew(kind: Type[BaseMessage], state: Dict[str, Any]) -> Any:
    """A message that another version of langchain_core has stored: as LangGraph's serializer would make it."""
    try:
        return kind(**state)
    except Exception:
        return kind.model_construct(**state)


def _restore(content: Any) -> Tuple[Any, bool]:
    """The message, and whether it has the very state that was stored."""
    name, state, extra = content
    if type(name) is not str or type(state) is not dict or type(extra) is not dict:
        raise ValueError(name)
    if name not in CLASSES:
        raise errors.Unsupported(f"a message cannot be read: this version of langchain_core, or of the adapter, has no {name[:60]}")
    kind, fields = CLASSES[name]
    if fields is None or state.keys() != fields:
        return _made_anew(kind, {**state, **extra}), False
    message = kind.__new__(kind)
    message.__setstate__(
        {
            "__dict__": state,
            "__pydantic_extra__": extra,
            "__pydantic_fields_set__": {*fields, *extra},
            "__pydantic_private__": None,
        }
    )
    return message, True


def _read(packed: bytes) -> Tuple[Any, bool]:
    """What was stored as KIND; and whether it is a message that has the very state that was stored."""
    try:
        content = ormsgpack.unpackb(packed)
        if type(content[0]) is list:
            return [_restore(each)[0] for each in content], False
        return _restore(content)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError(f"a stored message cannot be read, its bytes are not those of a message: {type(error).__name__}") from error


def loads(packed: bytes) -> Any:
    return _read(packed)[0]


def loads_each(blobs: Iterable[Tuple[str, bytes]], others: Callable[[Tuple[str, bytes]], Any]) -> Tuple[List[Any], bool]:
    """All of them, `others` by that function; and whether each is a message that has the very state that was stored."""
    found: List[Any] = []
    as_stored = True
    for blob in blobs:
        if blob[0] == KIND:
            value, same = _read(blob[1])
        else:
            value, same = others(blob), False
        found.append(value)
        as_stored = as_stored and same
    return found, as_stored


class MessageSerializer(JsonPlusSerializer):
    """LangGraph's serializer, but for messages."""

    def dumps_typed(self, obj: Any) -> Tuple[str, bytes]:
        packed = _pack(obj)
        return super().dumps_typed(obj) if packed is None else (KIND, packed)

    def loads_typed(self, data: Tuple[str, bytes]) -> Any:
        return loads(data[1]) if data[0] == KIND else super().loads_typed(data)
