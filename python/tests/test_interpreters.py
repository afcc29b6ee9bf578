"""One package for every Python from 3.9 on: what is installed here makes calls in each interpreter that this machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import loopstate
import pytest

VERSIONS = [(3, minor) for minor in range(9, 16)]
PROGRAM = """
import sys, loopstate
assert not {"asyncio", "ctypes", "dataclasses", "inspect", "json"} & set(sys.modules), "the import alone loads what it may not need"
import asyncio
url = sys.argv[1]
with loopstate.open(url) as store:
    store.documents.append("ada", "chat", [b"a", loopstate.NewDocument(b"b", meta={"role": "user"})], request_id="turn-1")
    assert [each.body for each in store.documents.list("ada", "chat").documents] == [b"a", b"b"]
    store.link("card-1", "ada", "4242")
    assert store.lookup("card-1").user == "ada"
    with store.documents.writer("ada", "files", "big") as writer:
        for _ in range(3): writer.write(bytearray(1 << 20))
    with store.documents.reader("ada", "files", "big") as reader:
        assert sum(map(len, reader)) == 3 << 20
    try: store.documents.get("ada", "notes", "plan")
    except loopstate.NotFound as error: assert error.code == "NotFound"

async def main():
    async with loopstate.open_async(url) as store:
        await asyncio.gather(*(store.documents.append("ada", str(n), [b"x"]) for n in range(10)))
        return len(await store.documents.collections_of("ada"))

assert asyncio.run(main()) == 12
for name in loopstate.__dir__(): getattr(loopstate, name)
print("%d.%d" % sys.version_info[:2])
"""


def interpreters(major: int, minor: int) -> Iterator[str]:
    name = f"python{major}.{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from (str(each) for each in sorted(pyenv.glob(f"versions/{major}.{minor}.*/bin/{name}")))
    found = shutil.which(name)
    if found:
        yield found


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: "%d.%d" % version)
def test_calls_are_made_from(version: "tuple[int, int]", tmp_path: Path) -> None:
    # By what it says of itself: a shim answers for a version that is not there.
    for interpreter in dict.fromkeys(interpreters(*version)):
        asked = subprocess.run([interpreter, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True)
        if asked.returncode == 0 and asked.stdout == f"{version}\n":
            break
    else:
        pytest.skip("it is not on this machine")
    package = str(Path(loopstate.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [interpreter, "-W", "error", "-c", PROGRAM, f"embedded:{tmp_path}/test.db"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stdout) == (0, "%d.%d\n" % version), done.stderr


def test_this_interpreter_is_among_them() -> None:
    assert sys.version_info[:2] in VERSIONS
