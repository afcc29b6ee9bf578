"""What a call from Python costs beside the same call from C++, how threads scale, and what the import takes.

    python3 python/bench/calls.py [--program build/loopstate] [--folder FOLDER]

Prints a JSON line for each figure. The same call from C++ is what `loopstate bench` measures, on a store of the same size.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any, Callable, List, Optional

import loopstate

CARDS = 1000
BODY = os.urandom(1000)


def microseconds(call: Callable[[int], Any], count: int) -> List[float]:
    for n in range(count // 10):
        call(n)
    clock, taken = time.perf_counter_ns, []
    for n in range(count):
        begun = clock()
        call(n)
        taken.append((clock() - begun) / 1000)
    return sorted(taken)


def show(what: str, taken: List[float], **more: Any) -> float:
    median = statistics.median(taken)
    print(json.dumps({"what": what, "p50_us": round(median, 2), "p99_us": round(taken[int(len(taken) * 0.99)], 2), **more}))
    return median


def per_second(call: Callable[[int, int], Any], threads: int, seconds: float) -> float:
    counts, begun = [0] * threads, threading.Barrier(threads + 1)
    stop = threading.Event()

    def work(mine: int) -> None:
        begun.wait()
        while not stop.is_set():
            call(mine, counts[mine])
            counts[mine] += 1

    workers = [threading.Thread(target=work, args=(mine,)) for mine in range(threads)]
    for worker in workers:
        worker.start()
    begun.wait()
    start = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - start)


def of_program(program: str, operation: str, url: str) -> Optional[float]:
    command = [program, "bench", "--op", operation, "--n", "20000", "--users", str(CARDS), "--context-bytes", "1000", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LOOPSTATE_URL": url}, check=True)
    return float(json.loads(done.stdout)["p50_us"])


def import_milliseconds() -> float:
    def seconds(program: str) -> float:
        taken = []
        for _ in range(15):
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-S", "-E", "-c", f"import sys; sys.path.insert(0, {PACKAGE!r}); {program}"], check=True)
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    return 1000 * (seconds("import loopstate") - seconds("pass"))


PACKAGE = os.path.dirname(os.path.dirname(loopstate.__file__))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", help="the program `loopstate`, for the figures of C++")
    parser.add_argument("--folder", help="where the store is made; default: a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        with loopstate.open(f"embedded:{folder}/python.db") as store:
            for n in range(CARDS):
                store.link(f"loop_fp_{n:056x}", f"user-{n}", "4242")
            store.documents.append("ada", "chat", [BODY] * 50)
            store.documents.put("ada", "files", "big", os.urandom(1 << 20))
            here = show("lookup, Python", microseconds(lambda n: store.lookup(f"loop_fp_{n % CARDS:056x}"), 20_000))
            if options.program:
                there = of_program(options.program, "lookup", f"embedded:{folder}/cpp.db")
                print(json.dumps({"what": "lookup, C++", "p50_us": there, "python_adds_us": round(here - (there or 0), 2)}))
            key = "%020d" % 7
            show("documents.get, 1 KB", microseconds(lambda n: store.documents.get("ada", "chat", key), 20_000))
            show("documents.list, the last 20 of 1 KB", microseconds(
                lambda n: store.documents.list("ada", "chat", descending=True, limit=20), 5_000))
            show("documents.append, 1 KB", microseconds(lambda n: store.documents.append("ada", "more", [BODY]), 500))
            for what, call in {
                "lookup": lambda mine, n: store.lookup(f"loop_fp_{n % CARDS:056x}"),
                "documents.get, 1 MB": lambda mine, n: store.documents.get("ada", "files", "big"),
                "documents.append, 1 KB, a conversation for each thread":
                    lambda mine, n: store.documents.append("ada", f"chat-{mine}", [BODY]),
            }.items():
                one, eight = per_second(call, 1, 2), per_second(call, 8, 2)
                print(json.dumps({"what": what, "per_second_1_thread": round(one), "per_second_8_threads": round(eight),
                                  "times": round(eight / one, 2), "cores": os.cpu_count()}))
    print(json.dumps({"what": "import loopstate", "p50_ms": round(import_milliseconds(), 2), "python": sys.version.split()[0]}))


if __name__ == "__main__":
    main()
