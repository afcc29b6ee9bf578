"""A large body is not copied more often than it must be."""

from __future__ import annotations

import subprocess
import sys

import pytest
from places import Place

MB = 1 << 20
# The peak is a number of the process's own: each case has one for itself. 64 MB of zeros would be shared pages, so it is not zeros.
PROGRAM = """
import os, sys, resource, loopstate
store = loopstate.open(sys.argv[1])
store.documents.put("ada", "files", "warm", os.urandom(1 << 20))
store.documents.get("ada", "files", "warm")
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
{call}
print(peak() - before)
"""
PUT = 'store.documents.put("ada", "files", "big", os.urandom(64 << 20), timeout=100)'
APPEND = 'store.documents.append("ada", "files", [bytearray(os.urandom(1 << 20)) * 64], timeout=100)'
GET = 'assert len(store.documents.get("ada", "files", "big", timeout=100).body) == 64 << 20'
LIST = '(document,) = store.documents.list("ada", "files", from_="big", to="big", timeout=100).documents'
STREAM = """with store.documents.reader("ada", "files", "big") as reader, store.documents.writer("ada", "files", "copy") as writer:
    for piece in reader: writer.write(piece)"""


def peak_mb(place: Place, call: str) -> int:
    program = PROGRAM.format(call=call)
    done = subprocess.run([sys.executable, "-c", program, place.url], capture_output=True, text=True, timeout=300, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("put", [PUT, APPEND], ids=["put", "append"])
def test_64_mb_in_take_under_three_times_their_size(file: Place, put: str) -> None:
    assert peak_mb(file, put) < 3 * 64


def test_64_mb_out_take_under_three_times_their_size_and_as_a_stream_under_16_mb(file: Place) -> None:
    peak_mb(file, PUT)
    assert peak_mb(file, GET) < 3 * 64
    assert peak_mb(file, LIST) < 3 * 64
    assert peak_mb(file, STREAM) < 16
