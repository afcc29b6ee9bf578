"""The systemd units of deploy/ are valid, as closed as we say, and the backup's script keeps what it should.

    check_units.py PROGRAM

Exit status 77: this machine has no systemd-analyze.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNITS = Path(__file__).parents[2] / "deploy/systemd"
# systemd's own scale, from 0 (closed) to 10; below 2 is "OK".
EXPOSURE_MAX = 2.0


def expect(condition, what, found):
    if not condition:
        raise SystemExit(f"{what}:\n{found}")


def verify(program, folder):
    """The units as installed, with the programs where they are now."""
    for unit in UNITS.glob("loopstate*.*"):
        text = unit.read_text().replace("/usr/bin/loopstate", program).replace("/usr/lib/loopstate/backup", str(UNITS / "backup"))
        (folder / unit.name).write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))
    units = sorted(map(str, folder.glob("loopstate*")))
    expect(len(units) == 3, "three units", units)
    ran = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in (ran.stdout + ran.stderr).splitlines() if "loopstate" in line]
    expect(not ours, "systemd-analyze verify", "\n".join(ours))
    for unit in units:
        if not unit.endswith(".service"):
            continue
        ran = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", unit], capture_output=True, text=True,
                             check=False)
        level = re.search(r"exposure level for \S+: ([\d.]+)", ran.stdout)
        expect(level and float(level.group(1)) < EXPOSURE_MAX, f"{unit} is closed", ran.stdout + ran.stderr)


def run_backup(folder, **settings):
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "BACKUP_FOLDER": str(folder / "kept"), **settings}
    environment["LOOPSTATE_URL"] = f"embedded:{folder}/store.db"
    return subprocess.run([UNITS / "backup"], env=environment, capture_output=True, text=True, check=False)


def keep_backups(program, folder):
    (folder / "loopstate").symlink_to(program)
    subprocess.run([program, "--store", f"embedded:{folder}/store.db", "context", "init", "U1"], check=True, capture_output=True)
    kept = folder / "kept"
    kept.mkdir()
    for day in range(1, 6):
        (kept / f"loopstate-2020-01-0{day}T000000Z.db").touch()
    (kept / "loopstate-mine.db").touch()
    ran = run_backup(folder, BACKUPS_KEPT="3")
    expect(ran.returncode == 0, "a backup is made", ran.stderr)
    names = sorted(path.name for path in kept.iterdir() if not path.name.endswith("-lock"))
    expect(names[:2] == ["loopstate-2020-01-04T000000Z.db", "loopstate-2020-01-05T000000Z.db"] and len(names) == 4
           and names[3] == "loopstate-mine.db", "the newest stay, and what others put there", names)
    for wrong in ("0", "3; rm", "-1"):
        expect(run_backup(folder, BACKUPS_KEPT=wrong).returncode == 2, "BACKUPS_KEPT is checked", wrong)
    (folder / "store.db").unlink()
    expect(run_backup(folder).returncode != 0 and len(list(kept.glob("*.db"))) >= 3,
           "without a store nothing is made, and nothing removed", list(kept.iterdir()))


def main():
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        keep_backups(program, Path(folder))
    if shutil.which("systemd-analyze") is None:
        print("skipped: no systemd-analyze here, which reads the units")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        verify(program, Path(folder))
    print("the units are valid")
    return 0


if __name__ == "__main__":
    sys.exit(main())
