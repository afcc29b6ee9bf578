#!/usr/bin/env python3
"""How long somebody waits who asks a store of many users.

    questions_bench.py PROGRAM [--users N] [--store FOLDER]

Fills an embedded store with N users (1,000,000), each with a context of about 1.5 KB, a card and a pending capture with its payment's
mark, then asks it as a person would, and prints one JSON line for each question: milliseconds until the first line was there and until
the end, the lines, and the most memory of its own that the program had while it wrote (peak_mb; the file's pages, which the kernel
shares and takes back, are not its own). FOLDER keeps the store for the next run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START = int(time.time()) - 3600
LIFETIME = 1_814_400
MARK_LIFETIME = 2_592_000
CONTEXT = {
    "vault": {"cred_balance": 5, "oxo_balance": 7, "total_staked": 0, "pending_yield": 0, "active_positions": 0, "snapshot_at": 0},
    "preferences": {"auto_stake": True, "default_duration_days": 90, "auto_compound": True, "compound_threshold": 10000000000,
                    "risk_tolerance": "balanced",
                    "notifications": {"on_capture": True, "on_stake": False, "on_yield": True, "on_unlock": True,
                                      "min_notify_amount": 1000000000}},
    "recent_events": [{"event_type": "capture", "timestamp": START, "summary": "4.50 EUR at the corner cafe", "amount": 450}] * 5,
    "agent_memory": {"goal": "save for a trip in June, " * 8}, "updated_at": START, "version": 1}


def quoted(document):
    """A JSON document as a string of another one."""
    return json.dumps(json.dumps(document))


# Each user's items and payment's mark as an export writes them; @n is the user's number, @m the merchant's.
LINES = "".join(line + "\n" for line in [
    '{"pk":{"S":"USER#user-@n"},"sk":{"S":"CONTEXT"},"version":{"N":"1"},"updated_at":{"N":"@t"},"ring":{"S":"@c\\n"},'
    '"ring_read_at":{"N":"@t"},"write_ids":{"S":"00000000@n\\n"},"context_data":{"S":' + quoted({"pubkey": "user-@n", **CONTEXT}) + "}}",
    '{"pk":{"S":"USER#user-@n"},"sk":{"S":"PENDING#@c"},"merchant_id":{"S":"M@m"},"amount_cents":{"N":"450"},'
    '"currency":{"S":"EUR"},"created_at":{"N":"@t"},"ttl":{"N":"@e"},"transaction":{"S":"square:pay-@n"},'
    '"marked_until":{"N":"@u"},"capture_data":{"S":' + quoted({"merchant_id": "M@m", "amount_cents": 450, "created_at": START,
                                                              "expires_at": START + LIFETIME}) + "}}",
    '{"pk":{"S":"USER#user-@n"},"sk":{"S":"CARD#card-@n"},"card_last4":{"S":"4242"},"linked_at":{"N":"@t"}}',
    '{"pk":{"S":"CARD#card-@n"},"sk":{"S":"META"},"fingerprint":{"S":"card-@n"},"user_pubkey":{"S":"user-@n"},'
    '"card_last4":{"S":"4242"},"linked_at":{"N":"@t"}}',
    '{"pk":{"S":"TXN#square:pay-@n"},"sk":{"S":"PROCESSED"},"user_pubkey":{"S":"user-@n"},"cred_amount":{"N":"450"},'
    '"currency":{"S":"EUR"},"processed_at":{"N":"@t"},"ttl":{"N":"@u"},"result":{"S":"@c"},"write_id":{"S":"00000000@n"}}'])
LINES = (LINES.replace("@c", f"{START:020}#00000000@n~{START + LIFETIME}").replace("@t", str(START))
         .replace("@e", str(START + LIFETIME)).replace("@u", str(START + MARK_LIFETIME)))


def fill(program, store, users):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", dir=store.parent) as file:
        for number in range(users):
            file.write(LINES.replace("@n", f"{number:07}").replace("@m", str(number % 500)))
        file.flush()
        subprocess.run([program, "--store", f"embedded:{store}", "import", file.name], check=True, stdout=subprocess.DEVNULL)


def own_memory_kb(process):
    """Resident memory that no file stands behind; 0 once the process has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:")), 0)


def ask(program, store, name, *command):
    """One question, measured from the outside."""
    began = time.monotonic()
    with subprocess.Popen([program, "--store", f"embedded:{store}", *command], stdout=subprocess.PIPE) as asked:
        os.read(asked.stdout.fileno(), 1)
        first = time.monotonic()
        lines = 0
        peak_kb = own_memory_kb(asked.pid)
        while part := os.read(asked.stdout.fileno(), 1 << 20):
            lines += part.count(b"\n")
            peak_kb = max(peak_kb, own_memory_kb(asked.pid))
    ended = time.monotonic()
    print(json.dumps({"question": name, "first_ms": round((first - began) * 1000, 1), "all_ms": round((ended - began) * 1000, 1),
                      "lines": lines, "peak_mb": round(peak_kb / 1024, 1), "status": asked.returncode}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--store", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.store or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        store = folder / "many-users.db"
        if not store.exists():
            fill(given.program, store, given.users)
        middle = given.users // 2
        for _ in range(3):
            ask(given.program, store, "user list", "user", "list")
            ask(given.program, store, "user list --limit 20", "user", "list", "--limit", "20")
            ask(given.program, store, "txn show", "txn", "show", f"pay-{middle:07}")
            ask(given.program, store, "capture list --all", "capture", "list", "--all")
            ask(given.program, store, "txn list --limit 20", "txn", "list", "--limit", "20")
    return 0


if __name__ == "__main__":
    sys.exit(main())
