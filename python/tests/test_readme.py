"""The README's programs run as they stand, one after the other, in one folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import List

README = Path(__file__).parents[1] / "README.md"


def programs() -> List[str]:
    return re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(program: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_agent_is_ten_lines_and_remembers(tmp_path: Path) -> None:
    first = programs()[0]
    assert len([line for line in first.splitlines() if line.strip()]) <= 10
    assert run(first, tmp_path) == ""
    assert run(first, tmp_path) == "user said: What do you remember?\nagent said: I remember 0 turns.\n"
    assert run(first, tmp_path).endswith("agent said: I remember 2 turns.\n")


def test_every_program_runs(tmp_path: Path) -> None:
    found = programs()
    assert len(found) >= 3
    printed = [run(program, tmp_path) for program in found]
    assert "10000000 bytes in 7 pieces\n" in printed[1]
    assert os.listdir(tmp_path)
