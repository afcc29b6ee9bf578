"""Bodies piece by piece."""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import warnings

import loopstate
import pytest
from loopstate import Store

BIG = os.urandom(1 << 20) * 3


def test_a_body_is_written_and_read_in_pieces(store: Store) -> None:
    with store.documents.writer("ada", "files", "big", meta={"kind": "audio"}) as writer:
        for at in range(0, len(BIG), 700_000):
            assert writer.write(BIG[at : at + 700_000]) == len(BIG[at : at + 700_000])
    assert writer.stored == loopstate.StoredDocument("big", 1)
    with store.documents.reader("ada", "files", "big") as reader:
        assert (reader.document.size, reader.document.meta, reader.document.body) == (len(BIG), {"kind": "audio"}, b"")
        assert b"".join(reader) == BIG
    assert store.documents.get("ada", "files", "big").body == BIG


def test_an_exception_leaves_no_document(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.documents.writer("ada", "files", "big") as writer:
        writer.write(BIG)
        1 / 0
    assert writer.closed
    with pytest.raises(loopstate.NotFound):
        store.documents.get("ada", "files", "big")
    with pytest.raises(ValueError, match="not stored"):
        writer.stored


def test_a_reader_of_nothing_is_not_found(store: Store) -> None:
    with pytest.raises(loopstate.NotFound), store.documents.reader("ada", "files", "none"):
        pass


def test_a_document_replaced_meanwhile_is_a_conflict(store: Store) -> None:
    store.documents.put("ada", "files", "big", BIG)
    with store.documents.reader("ada", "files", "big") as reader:
        reader.next_piece()
        store.documents.put("ada", "files", "big", b"other")
        with pytest.raises(loopstate.VersionConflict):
            for _ in reader:
                pass


def test_a_writer_at_a_version_that_moved_on_is_a_conflict(store: Store) -> None:
    store.documents.put("ada", "files", "big", b"1")
    with pytest.raises(loopstate.VersionConflict), store.documents.writer("ada", "files", "big", at_version=7) as writer:
        writer.write(b"2")
    assert writer.closed
    assert store.documents.get("ada", "files", "big").body == b"1"


def test_a_reader_and_a_writer_are_files_to_copyfileobj(here: Store) -> None:
    with here.documents.writer("ada", "files", "big") as writer:
        shutil.copyfileobj(io.BytesIO(BIG), writer)
    into = io.BytesIO()
    with here.documents.reader("ada", "files", "big") as reader:
        shutil.copyfileobj(reader, into)
    assert into.getvalue() == BIG


def test_read_gives_as_many_bytes_as_asked_for(here: Store) -> None:
    here.documents.put("ada", "files", "big", BIG)
    with here.documents.reader("ada", "files", "big") as reader:
        assert reader.read(10) == BIG[:10]
        assert reader.read(2_000_000) == BIG[10:2_000_010]
        assert reader.read() == BIG[2_000_010:]
        assert reader.read(1) == reader.read() == b""


def test_text_and_json_go_through_file(here: Store) -> None:
    with here.documents.writer("ada", "files", "lines") as writer, io.TextIOWrapper(writer.file(), "utf-8") as text:
        json.dump({"a": ["\u00e4"] * 1000}, text)
        text.write("\nsecond line\n")
    with here.documents.reader("ada", "files", "lines") as reader:
        lines = io.TextIOWrapper(reader.file(), "utf-8").readlines()
    assert json.loads(lines[0]) == {"a": ["\u00e4"] * 1000} and lines[1] == "second line\n"


def test_a_closed_stream_says_so(here: Store) -> None:
    writer = here.documents.writer("ada", "files", "a")
    assert writer.finish() is writer.finish()
    writer.abandon()
    with pytest.raises(ValueError, match="closed DocumentWriter"):
        writer.write(b"")
    reader = here.documents.reader("ada", "files", "a")
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="closed DocumentReader"):
        reader.read(1)


def test_a_body_over_64_mb_is_refused_while_it_is_written(here: Store) -> None:
    piece = bytes(8 << 20)
    with pytest.raises(loopstate.ItemTooLarge), here.documents.writer("ada", "files", "big") as writer:
        for _ in range(9):
            writer.write(piece)
    with pytest.raises(loopstate.NotFound):
        here.documents.get("ada", "files", "big")


def test_a_writer_that_is_dropped_leaves_no_document(here: Store) -> None:
    writer = here.documents.writer("ada", "files", "a")
    writer.write(b"x")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del writer
        gc.collect()
    assert [each.category for each in caught] == [ResourceWarning]
    with pytest.raises(loopstate.NotFound):
        here.documents.get("ada", "files", "a")


def test_streams_of_a_closed_store_are_errors(file: "object", here: Store) -> None:
    here.documents.put("ada", "files", "big", BIG)
    reader = here.documents.reader("ada", "files", "big")
    writer = here.documents.writer("ada", "files", "other")
    here.close()
    with pytest.raises(loopstate.InvalidArgument):
        reader.next_piece()
    with pytest.raises(loopstate.InvalidArgument):
        writer.write(b"x")
    with pytest.raises(loopstate.InvalidArgument):
        writer.abandon()
