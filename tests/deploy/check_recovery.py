"""Runs every block of docs/recovery.md, in order, on a machine that is lost halfway.

    check_recovery.py PROGRAM

The machine is a folder: the paths of the page lead into it, `systemctl` starts and stops what the units in deploy/systemd say, and
`apt-get` installs PROGRAM. Everything else is what the page says. In between a card is linked and paid with, before the backup and
after it; at the end each payment is there once.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRET = "whsec_recovery"
PLACES = ("/etc/loopstate", "/var/lib/loopstate", "/usr/share/doc/loopstate", "/usr/lib/loopstate", "/mnt/safe")

SYSTEMCTL = r'''#!/usr/bin/env python3
import os, subprocess, sys
from pathlib import Path
sys.path.insert(0, os.environ["TESTS"])
import check_recovery
machine = check_recovery.Machine(Path(os.environ["MACHINE"]), None)
words = [word for word in sys.argv[1:] if not word.startswith("--")]
for unit in words[1:]:
    if words[0] == "stop":
        machine.stop()
    elif unit in ("loopstate.service", "loopstate-backup.service"):
        machine.start(unit)
'''


class Machine:
    def __init__(self, folder, program):
        self.folder, self.bin = folder, folder / "bin"
        if program is None:
            return
        self.bin.mkdir()
        for place in PLACES:
            self.at(place).mkdir(parents=True, exist_ok=True)
        self.script("systemctl", SYSTEMCTL)
        self.script("runuser", '#!/bin/sh\nshift 3\nexec "$@"\n')
        # Ownership is for root to give; the rest of `install` is what it is.
        self.script("install", '#!/bin/bash\nwords=()\nwhile [ $# -gt 0 ]; do\n  case "$1" in -o|-g) shift 2 ;; '
                               '*) words+=("$1"); shift ;; esac\ndone\nexec /usr/bin/install "${words[@]}"\n')
        self.script("apt-get", f'#!/bin/sh\nexec {shlex.quote(str(self.bin / "install-package"))}\n')
        self.script("install-package", "#!/bin/sh\nset -e\n"
                    f"ln -sf {shlex.quote(program)} {self.bin}/loopstate\n"
                    f"mkdir -p {self.at('/etc/loopstate/secrets')} {self.at('/usr/share/doc/loopstate/examples')}\n"
                    f"cp {ROOT}/deploy/systemd/agent.env {self.at('/usr/share/doc/loopstate/examples')}\n"
                    f"cp {self.bin}/backup {self.at('/usr/lib/loopstate')}\n")
        self.script("backup", self.mapped((ROOT / "deploy/systemd/backup").read_text()))

    def at(self, path):
        return self.folder / path.lstrip("/")

    def script(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def mapped(self, text):
        for place in PLACES:
            text = re.sub(rf"(?<![\w./]){place}(?![\w-])", str(self.at(place)), text)
        return text

    def environment(self):
        return {"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "MACHINE": str(self.folder), "STRIPE_SECRET": SECRET,
                "TESTS": str(Path(__file__).parent), "LC_ALL": "C.UTF-8"}

    def run(self, script):
        ran = subprocess.run(["bash", "-euo", "pipefail", "-c", self.mapped(script)], cwd=self.folder, env=self.environment(),
                             capture_output=True, text=True, check=False, timeout=120)
        if ran.returncode != 0:
            raise SystemExit(f"status {ran.returncode} of\n{script}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def unit(self, name):
        """Its command and its environment, as systemd would read them."""
        text = self.mapped((ROOT / "deploy/systemd" / name).read_text())
        command = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE).group(1).replace("/usr/bin/loopstate", "loopstate")
        environment = dict(line.split("=", 1) for line in re.findall(r"^Environment=(.*)$", text, re.MULTILINE))
        for optional, path in re.findall(r"^EnvironmentFile=(-?)(.*)$", text, re.MULTILINE):
            if not optional or Path(path).exists():
                lines = self.mapped(Path(path).read_text()).splitlines()
                environment |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        return shlex.split(command), environment

    def start(self, name):
        command, environment = self.unit(name)
        environment = {**self.environment(), **environment}
        if name == "loopstate-backup.service":
            subprocess.run(command, env=environment, check=True)
            return
        command = [re.sub(r":808\d$", ":0", word) for word in command]
        said = self.folder / "agent.json"
        said.unlink(missing_ok=True)
        with said.open("w") as out, (self.folder / "agent.log").open("a") as log:
            agent = subprocess.Popen([command[0], "--json", *command[1:]], env=environment, stdout=out, stderr=log,
                                     start_new_session=True)
        (self.folder / "agent.pid").write_text(str(agent.pid))
        # Like systemd's Type=simple it does not wait for what it started; whoever needs the port reads it.

    def port(self):
        """Where the agent listens, as soon as it says so."""
        for _ in range(600):
            if text := (self.folder / "agent.json").read_text():
                return json.loads(text)["port"]
            time.sleep(0.1)
        raise SystemExit((self.folder / "agent.log").read_text())

    def stop(self, number=signal.SIGTERM):
        path = self.folder / "agent.pid"
        pid = int(path.read_text())
        os.kill(pid, number)
        while alive(pid):
            time.sleep(0.02)
        path.unlink()

    def loopstate(self, *words):
        ran = subprocess.run(["loopstate", "--json", "--store", f"embedded:{self.at('/var/lib/loopstate/loopstate.db')}", *words],
                             env=self.environment(), executable=self.bin / "loopstate", capture_output=True, text=True,
                             check=False)
        return ran.returncode, ran.stdout


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def payment(number):
    """A payment with a card, as Stripe reports it."""
    event = json.loads((ROOT / "tests/fixtures/webhooks/stripe-charge-succeeded.json").read_text())
    charge = event["data"]["object"]
    event |= {"id": f"evt_{number}", "created": int(time.time()), "livemode": True}
    charge |= {"id": f"ch_{number}", "created": int(time.time()), "livemode": True, "payment_intent": f"pi_{number}"}
    return charge["payment_method_details"]["card"]["fingerprint"], json.dumps(event).encode()


def deliver(machine, body):
    """The outcome that the agent answers."""
    now = int(time.time())
    signature = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    request = urllib.request.Request(f"http://127.0.0.1:{machine.port()}/webhooks/stripe", data=body, method="POST",
                                     headers={"Stripe-Signature": f"t={now},v1={signature}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["outcome"]
    except urllib.error.HTTPError as refusal:
        return f"{refusal.code} {refusal.read().decode()}"


def link(machine, card):
    pepper = base64.b64decode(machine.at("/etc/loopstate/secrets/pepper").read_text())
    fingerprint = "loop_fp_" + hmac.new(pepper, card.encode(), hashlib.sha256).hexdigest()
    status, said = machine.loopstate("card", "link", fingerprint, "U1", "--last4", "4242")
    expect(status, 0, f"the card is linked: {said}")


def expect(found, wanted, what):
    if found != wanted:
        raise SystemExit(f"{what}: {found}, expected {wanted}")


def blocks():
    """Those before the loss, those after it, and those for a damaged file."""
    text = (ROOT / "docs/recovery.md").read_text()
    parts = re.split(r"^## (?:After|When only)", text, flags=re.MULTILINE)
    found = [re.findall(r"^```sh\n(.*?)^```", part, re.MULTILINE | re.DOTALL) for part in parts]
    expect([len(part) for part in found], [4, 3, 1], "blocks of docs/recovery.md")
    return found


def lose(machine):
    """Everything but what is kept elsewhere, without a chance to finish."""
    machine.stop(signal.SIGKILL)
    for place in PLACES:
        if place != "/mnt/safe":
            shutil.rmtree(machine.at(place))
    shutil.rmtree(machine.bin)


def walk(machine, program):
    before, after, damaged = blocks()
    machine.run("apt-get install --yes ./loopstate_*.deb")
    machine.run(before[0])
    card, first = payment(1)
    _, second = payment(2)
    link(machine, card)
    expect(deliver(machine, first), "recorded", "a payment before the backup")
    for block in before[1:]:
        machine.run(block)
    expect(deliver(machine, second), "recorded", "a payment after the backup")

    lose(machine)
    new = Machine(machine.folder, program)
    for block in after:
        new.run(block)
    expect(deliver(new, second), "recorded", "what the backup lacks, sent again")
    expect(deliver(new, first), "duplicate", "what the backup has, sent again")
    status, captures = new.loopstate("capture", "list", "U1")
    expect((status, len(json.loads(captures))), (0, 2), "each payment is there once")

    new.run("systemctl start loopstate-backup.service")
    for block in damaged:
        new.run(block)
    expect(deliver(new, second), "duplicate", "after the damaged file was replaced")
    new.stop()


def main():
    program = str(Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder), program)
        try:
            walk(machine, program)
        finally:
            if (Path(folder) / "agent.pid").exists():
                machine.stop(signal.SIGKILL)
    print("every block of docs/recovery.md does what it says")


if __name__ == "__main__":
    main()
