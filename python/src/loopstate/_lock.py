"""A lock for what a child of `fork()` inherits."""

from __future__ import annotations

import os
import threading
from typing import NoReturn


class Lock:
    """A lock that is free in a child of `fork()`, whoever held it in the parent: that thread is not there."""

    def __init__(self) -> None:
        self._lock, self._process = threading.Lock(), os.getpid()

    def __enter__(self) -> None:
        if self._process != os.getpid():
            self._lock, self._process = threading.Lock(), os.getpid()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __reduce__(self) -> NoReturn:
        # Whatever is locked belongs to an open store.
        raise TypeError("an open store cannot be copied, or handed to another process: open it there, by its URL")
