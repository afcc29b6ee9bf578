"""What the interpreter survives: threads, forks, signals, and its own end. What may crash it runs in a process of its own."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import textwrap
from typing import Any, List

import loopstate
import pytest
from places import Place
from loopstate import Store


def run(program: str, *arguments: str, status: int = 0) -> str:
    """What the program prints; it ends with `status`, and in an orderly way."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == status, done.stderr
    return done.stdout


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    assert store.closed
    with pytest.raises(loopstate.InvalidArgument, match="it was closed"):
        store.documents.get("ada", "notes", "plan")


def test_closing_waits_for_calls_and_refuses_the_later_ones(here: Store) -> None:
    refused: List[loopstate.Error] = []
    begun = threading.Barrier(5)

    def append(worker: int) -> None:
        begun.wait()
        try:
            while True:
                here.documents.append("ada", f"chat-{worker}", [b"x"])
        except loopstate.InvalidArgument as error:
            refused.append(error)

    threads = [threading.Thread(target=append, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    here.documents.append("ada", "chat", [b"x"])
    here.close()
    for thread in threads:
        thread.join()
    assert len(refused) == 4


def test_threads_lose_nothing(store: Store) -> None:
    def append(worker: int) -> None:
        for n in range(10):
            store.documents.append("ada", "chat", [b"%d-%d" % (worker, n)], request_id=f"turn-{worker}-{n}")

    threads = [threading.Thread(target=append, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    documents = store.documents.list("ada", "chat", limit=1000).documents
    assert len(documents) == len({each.body for each in documents}) == 80


def test_errors_can_be_pickled(here: Store) -> None:
    with pytest.raises(loopstate.NotFound) as caught:
        here.documents.get("ada", "notes", "plan")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is loopstate.NotFound
    assert (again.message, again.code, again.retryable) == (caught.value.message, "NotFound", False)


def test_a_child_of_fork_opens_its_own(place: Place) -> None:
    store = place.open()
    store.documents.append("ada", "chat", [b"parent"])
    child = os.fork()
    if child == 0:
        status = 1
        try:
            try:
                store.documents.append("ada", "chat", [b"child"])
            except loopstate.StorageFailure as error:
                assert "fork" in str(error)
                store.close()
                with place.open() as mine:
                    mine.documents.append("ada", "chat", [b"child"])
                    status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    store.documents.append("ada", "chat", [b"parent"])
    assert [each.body for each in store.documents.list("ada", "chat").documents] == [b"parent", b"child", b"parent"]
    store.close()


def test_a_fork_in_the_middle_of_other_threads_calls_harms_neither(file: Place) -> None:
    print_counts = run(
        """
        import os, sys, threading, traceback, loopstate
        url = sys.argv[1]
        store = loopstate.open(url)
        stop = threading.Event()

        def append(worker):
            while not stop.is_set():
                store.documents.append("ada", f"chat-{worker}", [b"x" * 100])
                store.documents.list("ada", f"chat-{worker}", limit=5)

        threads = [threading.Thread(target=append, args=(worker,), daemon=True) for worker in range(4)]
        for thread in threads: thread.start()
        for _ in range(10):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    try:
                        store.documents.get("ada", "chat", "k")
                    except loopstate.StorageFailure:
                        with loopstate.open(url) as mine:
                            mine.documents.append("bob", "chat", [b"child"])
                            status = 0
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(status)
            assert os.waitpid(child, 0)[1] == 0
        stop.set()
        for thread in threads: thread.join()
        print(len(store.documents.list("bob", "chat").documents))
        """,
        file.url,
    )
    assert print_counts == "10\n"


def test_an_asynchronous_store_in_a_forked_child_is_refused_and_not_stuck(file: Place) -> None:
    run(
        """
        import asyncio, os, sys, loopstate
        store = loopstate.open(sys.argv[1])
        both = loopstate.AsyncStore(store)
        asyncio.run(both.documents.append("ada", "chat", [b"x"]))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                asyncio.run(both.documents.append("ada", "chat", [b"x"]))
            except loopstate.StorageFailure:
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        """,
        file.url,
    )


def test_a_stream_in_use_at_a_fork_is_refused_in_the_child_and_not_stuck(file: Place) -> None:
    run(
        """
        import os, signal, sys, loopstate
        store = loopstate.open(sys.argv[1])
        store.documents.put("ada", "notes", "plan", b"x" * 3_000_000)
        reader = store.documents.reader("ada", "notes", "plan")
        with reader._lock:  # as another thread's call holds it
            child = os.fork()
            if child == 0:
                signal.alarm(60)
                status = 1
                try:
                    reader.next_piece()
                except loopstate.StorageFailure:
                    status = 0
                finally:
                    os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert reader.next_piece()
        """,
        file.url,
    )


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_multiprocessing_open_their_own(file: Place, tmp_path: Any, method: str) -> None:
    program = tmp_path / "workers.py"
    program.write_text(
        textwrap.dedent(
            """
            import multiprocessing, sys, loopstate

            def work(number):
                with loopstate.open(sys.argv[1]) as store:
                    return store.documents.append("ada", "chat", [b"%d" % number]).first

            if __name__ == "__main__":
                kept = loopstate.open(sys.argv[1])
                with multiprocessing.get_context(sys.argv[2]).Pool(2) as pool:
                    print(sorted(pool.map(work, range(6))))
            """
        )
    )
    done = subprocess.run([sys.executable, program, file.url, method], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "[1, 2, 3, 4, 5, 6]\n"), done.stderr


@pytest.mark.parametrize("end", ["pass", "sys.exit(3)", "os._exit(3)", "raise SystemExit(3)", "store.close(); sys.exit(3)"])
def test_the_interpreter_ends_while_daemon_threads_are_in_calls(file: Place, end: str) -> None:
    run(
        f"""
        import os, sys, threading, loopstate
        store = loopstate.open(sys.argv[1])
        begun = threading.Barrier(5)

        def work(worker):
            begun.wait()
            while True:
                try:
                    store.documents.append("ada", f"chat-{{worker}}", [b"x" * 1000])
                    store.documents.list("ada", f"chat-{{worker}}", limit=50)
                except loopstate.InvalidArgument:
                    pass

        for worker in range(4): threading.Thread(target=work, args=(worker,), daemon=True).start()
        begun.wait()
        for _ in range(20): store.documents.list("ada", "chat")
        {end}
        """,
        file.url,
        status=0 if end == "pass" else 3,
    )


def test_the_interpreter_ends_with_streams_and_stores_open(file: Place) -> None:
    run(
        """
        import sys, loopstate
        store = loopstate.open(sys.argv[1])
        store.documents.put("ada", "files", "big", bytes(3 << 20))
        reader = store.documents.reader("ada", "files", "big")
        reader.next_piece()
        writer = store.documents.writer("ada", "files", "other")
        writer.write(b"x")
        """,
        file.url,
    )


def test_ctrl_c_during_calls_leaves_the_store_usable(file: Place) -> None:
    printed = run(
        """
        import os, signal, sys, threading, loopstate
        store = loopstate.open(sys.argv[1])
        main = threading.main_thread().ident
        for n in range(100):
            try:
                threading.Thread(target=lambda: signal.pthread_kill(main, signal.SIGINT)).start()
                while True:
                    store.documents.append("ada", "chat", [b"x" * 1000])
            except KeyboardInterrupt:
                pass
        store.documents.put("ada", "notes", "end", b"reached")
        print(store.documents.get("ada", "notes", "end").body.decode())
        """,
        file.url,
    )
    assert printed == "reached\n"


def test_ctrl_c_ends_a_program_as_it_ends_any_other(file: Place) -> None:
    program = """
import sys, loopstate
store = loopstate.open(sys.argv[1])
store.documents.append("ada", "chat", [b"x"])
print("ready", flush=True)
while True:
    store.documents.append("ada", "chat", [b"x"])
"""
    with subprocess.Popen([sys.executable, "-c", program, file.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=100)
        assert child.returncode == -signal.SIGINT, errors
        assert errors.endswith(b"KeyboardInterrupt\n")


def test_a_library_that_is_not_there_is_an_import_error() -> None:
    printed = run(
        """
        import os
        os.environ["LOOPSTATE_LIBRARY"] = "/nowhere/libloopstate.so.0"
        import loopstate
        try:
            loopstate.open
        except ImportError as error:
            print(error)
        """
    )
    assert printed.startswith("the library of loopstate cannot be loaded: /nowhere/libloopstate.so.0")


def test_an_open_store_cannot_be_handed_to_another_process(store: Store) -> None:
    for each in (store, store.documents, loopstate.AsyncStore(store)):
        with pytest.raises(TypeError, match="open it there, by its URL"):
            pickle.dumps(each)
