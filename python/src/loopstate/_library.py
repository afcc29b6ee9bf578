"""libloopstate.so over ctypes: how a call is made. What can be called is in _calls.py."""

from __future__ import annotations

import ctypes
import json
import os
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import errors
from ._lock import Lock

INTERFACE = 1
FILE_NAME = "libloopstate.so.0"


class _Input(ctypes.Structure):
    """loopstate_bytes that we hand in; keeps the bytes object alive that it points to."""

    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class _Output(ctypes.Structure):
    """loopstate_bytes that we are given. Not a c_char_p: that one would stop at the first NUL."""

    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class _PyBuffer(ctypes.Structure):
    """CPython's Py_buffer, the same in every version since 3.3."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


_get_buffer = ctypes.pythonapi.PyObject_GetBuffer
_get_buffer.argtypes = [ctypes.py_object, ctypes.POINTER(_PyBuffer), ctypes.c_int]
_get_buffer.restype = ctypes.c_int
_release_buffer = ctypes.pythonapi.PyBuffer_Release
_release_buffer.argtypes = [ctypes.POINTER(_PyBuffer)]
_release_buffer.restype = None


class _Pinned:
    """The memory of a bytes-like object, where it is, for as long as this lives."""

    __slots__ = ("_buffer",)

    def __init__(self, body: Any) -> None:
        self._buffer: Optional[_PyBuffer] = None
        view = _PyBuffer()
        try:
            _get_buffer(body, view, 0)  # PyBUF_SIMPLE: contiguous bytes
        except BufferError:
            # A view with gaps: there is no memory to point to.
            body = memoryview(body).tobytes()
            _get_buffer(body, view, 0)
        except TypeError:
            raise TypeError(f"a body is bytes, a bytearray or a memoryview, not {type(body).__name__}") from None
        self._buffer = view

    def address(self) -> Tuple[Optional[int], int]:
        assert self._buffer is not None
        return self._buffer.buf, self._buffer.len

    def __del__(self) -> None:
        if self._buffer is not None:
            _release_buffer(self._buffer)


def _path() -> str:
    """LOOPSTATE_LIBRARY, else the library in this package."""
    return os.environ.get("LOOPSTATE_LIBRARY") or os.path.join(os.path.dirname(__file__), FILE_NAME)


_LIBRARY = _path()
try:
    # A call releases the interpreter's lock. What only looks into an answer keeps it: that takes less time than letting
    # another thread have it.
    _waits = ctypes.CDLL(_LIBRARY)
    _quick = ctypes.PyDLL(_LIBRARY)
except OSError as error:
    raise ImportError(f"the library of loopstate cannot be loaded: {error}") from error

_interface = _quick.loopstate_interface
_interface.argtypes = []
_interface.restype = ctypes.c_uint32
if _interface() != INTERFACE:
    raise ImportError(f"{_LIBRARY} has interface {_interface()}, but this package needs {INTERFACE}")

_free = _quick.loopstate_free
_free.argtypes = [ctypes.c_void_p]
_free.restype = None


class _Answer(ctypes.c_void_p):
    """Owned here, and freed with the object: whatever interrupts us, nothing leaks."""

    def __del__(self, _free: Any = _free) -> None:
        _free(self)


_call = _waits.loopstate_call
_call.argtypes = [ctypes.c_uint64, ctypes.c_char_p, _Input, ctypes.POINTER(_Input), ctypes.c_size_t]
_call.restype = _Answer
_open = _waits.loopstate_open
_open.argtypes = [_Input, ctypes.POINTER(ctypes.c_uint64)]
_open.restype = _Answer
_close = _waits.loopstate_close
_close.argtypes = [ctypes.c_uint64]
_close.restype = _Answer
_ok = _quick.loopstate_ok
_ok.argtypes = [ctypes.c_void_p]
_ok.restype = ctypes.c_int
_json = _quick.loopstate_json
_json.argtypes = [ctypes.c_void_p]
_json.restype = _Output
_buffer_count = _quick.loopstate_buffer_count
_buffer_count.argtypes = [ctypes.c_void_p]
_buffer_count.restype = ctypes.c_size_t
_buffer = _quick.loopstate_buffer
_buffer.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_buffer.restype = _Output
_version = _quick.loopstate_version
_version.argtypes = []
_version.restype = ctypes.c_char_p
_catalogue = _quick.loopstate_catalogue
_catalogue.argtypes = []
_catalogue.restype = _Output

_string_at = ctypes.string_at


def version() -> str:
    """The library's."""
    text: bytes = _version()
    return text.decode()


def catalogue() -> Any:
    """Every call that the library knows."""
    text = _catalogue()
    return json.loads(_string_at(text.data, text.size))


def _plain(value: Any) -> Any:
    """What JSON has no form of: our types, spans and points in time."""
    wire = getattr(value, "_wire", None)
    if wire is not None:
        return wire()
    if hasattr(value, "total_seconds"):
        seconds = value.total_seconds()
        return int(seconds) if seconds == int(seconds) else seconds
    if hasattr(value, "timestamp"):
        return int(value.timestamp())
    raise TypeError(f"{type(value).__name__} is no JSON: {value!r:.80}")


_encode = json.JSONEncoder(separators=(",", ":"), default=_plain).encode
_decode = json.JSONDecoder().raw_decode


def _text(request: Dict[str, Any]) -> bytes:
    try:
        return _encode(request).encode()
    except (ValueError, RecursionError) as error:
        # A list that contains itself, say.
        raise errors.InvalidArgument(f"an argument is no JSON: {error}") from None


def _answered(answer: _Answer) -> Any:
    if not answer:
        raise MemoryError("loopstate had no memory for an answer")
    text = _json(answer)
    value, _ = _decode(_string_at(text.data, text.size).decode())
    if _ok(answer):
        return value
    raise errors.from_json(value)


class Connection:
    """An open store. Any thread may call; a call releases the interpreter's lock and waits."""

    __slots__ = ("_handle", "_process", "_lock", "__weakref__")

    def __init__(self, settings: Dict[str, Any]) -> None:
        self._handle = 0
        self._process = os.getpid()
        self._lock = Lock()
        handle = ctypes.c_uint64()
        text = _text(settings)
        _answered(_open(_Input(text, len(text)), handle))
        self._handle = handle.value

    def call(self, name: bytes, request: Dict[str, Any]) -> Any:
        text = _text(request)
        return _answered(_call(self._handle, name, _Input(text, len(text)), None, 0))

    def call_with_bodies(
        self, name: bytes, request: Dict[str, Any], bodies: Sequence[Any] = ()
    ) -> Tuple[Any, List[bytes]]:
        """The answer, and the bodies that came with it."""
        text = _text(request)
        buffers = (_Input * len(bodies))()
        pinned: List[_Pinned] = []
        for index, body in enumerate(bodies):
            if type(body) is bytes:
                buffers[index].data = body
                buffers[index].size = len(body)
            else:
                pinned.append(_Pinned(body))
                buffers[index].data, buffers[index].size = pinned[-1].address()
        answer = _call(self._handle, name, _Input(text, len(text)), buffers, len(bodies))
        value = _answered(answer)
        parts = []
        for index in range(_buffer_count(answer)):
            part = _buffer(answer, index)
            parts.append(_string_at(part.data, part.size) if part.size else b"")
        return value, parts

    @property
    def closed(self) -> bool:
        return self._handle == 0

    def close(self) -> None:
        """Ends its streams and waits for the calls in flight. Once more is harmless."""
        with self._lock:
            handle, self._handle = self._handle, 0
        # What was opened before a fork() is the parent's: here there is nothing to close.
        if handle and self._process == os.getpid():
            _answered(_close(handle))

    def __del__(self) -> None:
        if getattr(self, "_handle", 0):
            try:
                self.close()
            except Exception:  # noqa: BLE001: nobody is left to tell
                pass
