"""A large body is not copied more often than it must be."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import Place

# What the process may allocate is bounded, so that the peak is exact. Pages of the store's file are not allocated but mapped.
PROGRAM = """
import os, re, resource, sys, loopstate
store = loopstate.open(sys.argv[1])
store.documents.put("ada", "files", "warm", os.urandom(1 << 20))
store.documents.get("ada", "files", "warm")
allocated = 1024 * int(re.search(r"VmData:\\s+(\\d+)", open("/proc/self/status").read()).group(1))
resource.setrlimit(resource.RLIMIT_DATA, (allocated + {bound}, resource.RLIM_INFINITY))
{call}
"""
SIZE = 64 << 20
PUT = 'store.documents.put("ada", "files", "big", os.urandom(64 << 20), timeout=100)'
APPEND = 'store.documents.append("ada", "files", [os.urandom(64 << 20)], timeout=100)'
GET = 'assert len(store.documents.get("ada", "files", "big", timeout=100).body) == 64 << 20'
LIST = 'assert store.documents.list("ada", "files", from_="big", to="big", timeout=100).documents[0].size == 64 << 20'
STREAM = """
with store.documents.reader("ada", "files", "big") as reader, store.documents.writer("ada", "files", "copy") as writer:
    for piece in reader:
        writer.write(piece)
"""


def fits(place: Place, call: str, bound: int) -> bool:
    program = PROGRAM.format(call=call, bound=bound)
    done = subprocess.run([sys.executable, "-c", program, place.url], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        assert "MemoryError" in done.stderr or "bad_alloc" in done.stderr or "memory" in done.stderr, done.stderr
    return done.returncode == 0


@pytest.mark.parametrize("call", [PUT, APPEND], ids=["put", "append"])
def test_64_mb_in_take_under_three_times_their_size(file: Place, call: str) -> None:
    assert fits(file, call, 3 * SIZE)


@pytest.mark.parametrize("call", [GET, LIST], ids=["get", "list"])
def test_64_mb_out_take_under_three_times_their_size(file: Place, call: str) -> None:
    assert fits(file, PUT, 4 * SIZE)
    assert fits(file, call, 3 * SIZE)


def test_a_stream_of_64_mb_takes_under_16_mb(file: Place) -> None:
    assert fits(file, PUT, 4 * SIZE)
    assert fits(file, STREAM, 16 << 20)


def test_the_bound_holds(file: Place) -> None:
    assert not fits(file, PUT, SIZE)
