"""Types what README.md shows under "In a terminal", as it stands and to its last line, in an empty folder beside a build.

    run_readme.py README BUILD      exit status 0: every line did what it should; 77: this machine does not allow the test

The block uses the agent's own port, so it runs in a network namespace of its own where the system allows that.
"""

import array
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
PORT = 8080
TIMEOUT_SECONDS = 100


def block_of(readme):
    section = readme.read_text(encoding="utf-8").split("\n## In a terminal\n")[1].split("\n## ")[0]
    return re.search(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL).group(1)


def raise_loopback():
    """A new namespace has a loopback interface that is down."""
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = array.array("b", struct.pack("16sH14x", b"lo", 0))
        fcntl.ioctl(any_socket, get_flags, request)
        flags = struct.unpack("16sH14x", request)[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def port_is_free():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return False
    return True


def type_in(block, build):
    with tempfile.TemporaryDirectory(prefix="loopstate-readme-") as folder:
        (Path(folder) / "build").symlink_to(build)
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8"}
        # A session of its own, so that nothing outlives the test whatever a line leaves running.
        shell = subprocess.Popen(["bash", "-eu", "-c", block + "wait\n"], cwd=folder, env=environment, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 start_new_session=True)
        try:
            printed, _ = shell.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            printed, _ = shell.communicate()
            sys.exit(f"it did not come to its end; it printed\n{printed}")
        return shell.returncode, printed


def main():
    readme, build = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    if len(sys.argv) == 3 and shutil.which("unshare"):
        options = ["--net"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--net"]
        if subprocess.run(["unshare", *options, "true"], check=False, capture_output=True).returncode == 0:
            os.execvp("unshare", ["unshare", *options, sys.executable, __file__, str(readme), str(build), "inside"])
    if len(sys.argv) > 3:
        raise_loopback()
    elif not port_is_free():
        print(f"port {PORT} is in use, and no network namespace can be had")
        return SKIPPED

    status, printed = type_in(block_of(readme), build)
    wrong = [] if status == 0 else [f"the block ended with status {status}"]
    for expected in ("recorded", "duplicate", "0 with an unexpected answer", "demo-shopper", "Example:"):
        if expected not in printed:
            wrong.append(f"nothing printed says {expected!r}")
    if wrong:
        print(printed, *wrong, sep="\n")
        return 1
    print(f"all {len(block_of(readme).splitlines())} lines did what they should")
    return 0


if __name__ == "__main__":
    sys.exit(main())
