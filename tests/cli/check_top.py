"""Runs `loopstate top` on a real agent: once, for a script, on a terminal, and where there is none.

    check_top.py PROGRAM
"""

import json
import os
import pty
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

PEPPER = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def expect(condition, what, found):
    if not condition:
        raise SystemExit(f"{what}; found:\n{found}")


def start_agent(program, folder):
    environment = {"PATH": os.environ["PATH"], "STRIPE_WEBHOOK_SECRET": "whsec_test", "LOOPSTATE_PEPPER": PEPPER,
                   "LOOPSTATE_URL": f"embedded:{folder}/store.db"}
    agent = subprocess.Popen([program, "--json", "agent", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"],
                             env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return agent, json.loads(agent.stdout.readline())


def refuse_one(port):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/stripe", data=b"{}", method="POST",
                                     headers={"Stripe-Signature": "t=1,v1=00"})
    try:
        urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as refusal:
        refusal.close()


def top(program, *arguments):
    return subprocess.run([program, "top", *arguments], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
                          timeout=60, check=False)


def on_a_terminal(program, address):
    """The first two screens."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(program, [program, "top", "--agent", address, "--every", "1"], {"TERM": "xterm", "PATH": "/usr/bin:/bin"})
    shown = b""
    while shown.count(b"\x1b[H") < 2 or not shown.rstrip().endswith(b"here"):
        shown += os.read(terminal, 65536)
    os.close(terminal)
    os.waitpid(child, 0)
    return shown.decode()


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        agent, listening = start_agent(program, folder)
        try:
            address = f"127.0.0.1:{listening['admin_port']}"
            refuse_one(listening["port"])
            once = top(program, "--agent", address)
            expect(once.returncode == 0 and "refused" in once.stdout and "1 delivery" in once.stdout,
                   "without a terminal it looks once and says what was refused", once.stdout + once.stderr)
            expect("\x1b" not in once.stdout, "without a terminal it steers none", once.stdout)
            script = json.loads(top(program, "--json", "--agent", address).stdout)
            expect(script["deliveries"]["refused"] == 1 and sum(script["refusals"].values()) == 1,
                   "a script gets the counts", script)
            expect(script["store_file_bytes"] > 0, "a script gets the file's size", script)
            shown = on_a_terminal(program, address)
            expect("in 1 s" in shown or "in 2 s" in shown, "the second screen shows what changed", shown)
            wrong = top(program, "--agent", f"127.0.0.1:{listening['port']}")
            expect(wrong.returncode == 1 and "--agent HOST:PORT" in wrong.stderr, "the webhooks' listener is recognised",
                   wrong.stderr)
        finally:
            agent.terminate()
            agent.wait(timeout=30)
        gone = top(program, "--agent", address)
        expect(gone.returncode == 1 and "admin listener" in gone.stderr, "an agent that is gone is an error that leads",
               gone.stdout + gone.stderr)
    print("top shows what an agent did")


if __name__ == "__main__":
    main()
