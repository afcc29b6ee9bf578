"""Documents from Python: what is passed in comes out, and what is refused says so by its class."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import loopstate
import pytest
from loopstate import NewDocument, Store


def test_an_append_numbers_its_entries_from_one(store: Store) -> None:
    appended = store.documents.append("ada", "chat", [b"a", b"b"])
    assert (appended.first, appended.last) == (1, 2)
    generation = appended.generation
    assert store.documents.append("ada", "chat", [NewDocument(b"c")]) == loopstate.AppendedDocuments(3, 3, generation)


def test_an_append_repeated_with_its_request_id_is_done_once(store: Store) -> None:
    first = store.documents.append("ada", "chat", [b"a"], request_id="turn-1")
    assert store.documents.append("ada", "chat", [b"a"], request_id="turn-1") == first
    assert len(store.documents.list("ada", "chat").documents) == 1


def test_another_write_under_a_used_request_id_is_refused(store: Store) -> None:
    store.documents.append("ada", "chat", [b"a"], request_id="turn-1")
    with pytest.raises(loopstate.RequestIdReused):
        store.documents.append("ada", "chat", [b"b"], request_id="turn-1")


def test_bodies_and_meta_come_out_as_they_went_in(store: Store) -> None:
    body = bytes(range(256)) * 9
    meta = {"role": "user", "list": [1, 2.5, None, True], "text": "\u00e4\u20ac\U0001f600\n\""}
    store.documents.put("ada", "notes", "plan", body, meta=meta)
    document = store.documents.get("ada", "notes", "plan")
    assert (document.body, document.size, document.meta, document.version) == (body, len(body), meta, 1)
    assert document.expires_at is None


def test_a_list_gives_pages_and_bodies_in_order(store: Store) -> None:
    store.documents.append("ada", "chat", [b"", b"b" * 3, b"c"])
    page = store.documents.list("ada", "chat", descending=True, limit=2)
    assert [document.body for document in page.documents] == [b"c", b"bbb"]
    last = store.documents.list("ada", "chat", descending=True, limit=2, after=page.next)
    assert [document.body for document in last.documents] == [b""] and last.next is None


def test_a_list_without_bodies_tells_their_sizes(store: Store) -> None:
    store.documents.append("ada", "chat", [b"abc"])
    (document,) = store.documents.list("ada", "chat", without_bodies=True).documents
    assert (document.body, document.size) == (b"", 3)


def test_a_list_takes_a_range_and_a_prefix(store: Store) -> None:
    for key in ("a", "ab", "b"):
        store.documents.put("ada", "notes", key, key.encode())
    assert [each.key for each in store.documents.list("ada", "notes", prefix="a").documents] == ["a", "ab"]
    assert [each.key for each in store.documents.list("ada", "notes", from_="ab", to="b").documents] == ["ab", "b"]


def test_a_version_that_moved_on_is_a_conflict(store: Store) -> None:
    stored = store.documents.put("ada", "notes", "plan", b"1", if_absent=True)
    assert store.documents.put("ada", "notes", "plan", b"2", at_version=stored.version).version == 2
    with pytest.raises(loopstate.VersionConflict, match="is at version 2, not 1"):
        store.documents.put("ada", "notes", "plan", b"3", at_version=stored.version)
    with pytest.raises(loopstate.VersionConflict):
        store.documents.put("ada", "notes", "plan", b"3", if_absent=True)


def test_of_those_that_append_at_one_number_one_does(store: Store) -> None:
    assert store.documents.append("ada", "chat", [b"1", b"2"], at_number=1).last == 2
    with pytest.raises(loopstate.VersionConflict, match="collection chat of user ada goes on at 3, not at 1"):
        store.documents.append("ada", "chat", [b"3"], at_number=1)
    assert store.documents.append("ada", "chat", [b"3"], at_number=3).first == 3
    with pytest.raises(loopstate.InvalidArgument):
        store.documents.append("ada", "chat", [b"4"], at_number=0)


def test_a_collection_is_told_from_a_newer_one_of_its_name(store: Store) -> None:
    assert store.documents.list("ada", "chat").generation is None
    generation = store.documents.append("ada", "chat", [b"1"]).generation
    assert store.documents.list("ada", "chat").generation == generation
    assert store.documents.append("ada", "chat", [b"2"], at_number=2, in_generation=generation).first == 2
    store.documents.drop("ada", "chat")
    store.documents.append("ada", "chat", [b"1", b"2"])
    with pytest.raises(loopstate.VersionConflict, match="it was dropped since"):
        store.documents.append("ada", "chat", [b"3"], at_number=3, in_generation=generation)


def test_what_is_removed_is_not_found(store: Store) -> None:
    store.documents.put("ada", "notes", "plan", b"1")
    assert store.documents.remove("ada", "notes", "plan") is True
    assert store.documents.remove("ada", "notes", "plan") is False
    with pytest.raises(loopstate.NotFound) as caught:
        store.documents.get("ada", "notes", "plan")
    assert str(caught.value) == caught.value.message == "user ada has no document plan in collection notes"
    assert caught.value.code == "NotFound" and caught.value.retryable is False
    assert isinstance(caught.value, loopstate.Error)


def test_collections_are_listed_trimmed_and_dropped(store: Store) -> None:
    store.documents.append("ada", "chat", [b"%d" % n for n in range(5)])
    assert store.documents.keep_last("ada", "chat", 2) == 3
    (info,) = store.documents.collections_of("ada")
    assert (info.collection, info.appended) == ("chat", 5)
    assert store.documents.drop("ada", "chat") is True
    assert store.documents.collections_of("ada") == []


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview], ids=lambda kind: str(kind.__name__))
def test_a_body_is_any_kind_of_bytes(here: Store, kind: Any) -> None:
    here.documents.put("ada", "notes", "plan", kind(b"x\0y"))
    assert here.documents.get("ada", "notes", "plan").body == b"x\0y"


def test_a_body_may_be_a_view_with_gaps(here: Store) -> None:
    here.documents.put("ada", "notes", "plan", memoryview(b"a-b-c")[::2])
    assert here.documents.get("ada", "notes", "plan").body == b"abc"


def test_a_bytearray_can_grow_again_after_the_call(here: Store) -> None:
    body = bytearray(b"abc")
    here.documents.put("ada", "notes", "plan", body)
    body.extend(b"d")


@pytest.mark.parametrize("body", ["text", 7, None, [1]], ids=repr)
def test_a_body_that_is_not_bytes_is_a_type_error(here: Store, body: Any) -> None:
    with pytest.raises(TypeError, match="a body is bytes, a bytearray or a memoryview, not "):
        here.documents.put("ada", "notes", "plan", body)
    with pytest.raises(TypeError, match="a body is bytes"):
        here.documents.append("ada", "notes", [NewDocument(body)])


def test_a_body_over_64_mb_is_too_large(here: Store) -> None:
    with pytest.raises(loopstate.ItemTooLarge):
        here.documents.put("ada", "notes", "plan", bytes((64 << 20) + 1))


def test_meta_over_4_kb_is_too_large(here: Store) -> None:
    with pytest.raises(loopstate.ItemTooLarge):
        here.documents.put("ada", "notes", "plan", b"", meta="x" * 4096)


def test_meta_that_is_no_json_is_refused(here: Store) -> None:
    loop: Any = []
    loop.append(loop)
    with pytest.raises(TypeError, match="set is no JSON"):
        here.documents.put("ada", "notes", "plan", b"", meta={1, 2})
    for meta in (float("nan"), float("inf"), "\ud800", loop):
        with pytest.raises(loopstate.InvalidArgument):
            here.documents.put("ada", "notes", "plan", b"", meta=meta)


def test_an_argument_of_the_wrong_type_is_the_librarys_to_refuse(here: Store) -> None:
    wrong: Any = 5
    with pytest.raises(loopstate.InvalidArgument, match="user"):
        here.documents.get(wrong, "notes", "plan")
    with pytest.raises(loopstate.InvalidArgument, match="limit"):
        here.documents.list("ada", "notes", limit=-1)
    with pytest.raises(loopstate.InvalidArgument, match="limit"):
        here.documents.list("ada", "notes", limit=10**30)
    with pytest.raises(loopstate.InvalidArgument, match="key"):
        here.documents.get("ada", "notes", "")
    with pytest.raises(loopstate.InvalidArgument, match="key"):
        here.documents.get("ada", "notes", "a\0b")


def test_a_span_of_time_may_be_a_timedelta(here: Store) -> None:
    day = datetime.timedelta(days=1)
    here.documents.put("ada", "notes", "plan", b"", lifetime=day, timeout=datetime.timedelta(seconds=2.5))
    document = here.documents.get("ada", "notes", "plan")
    assert document.expires_at is not None and 0 <= document.expires_at - document.created_at - 86400 <= 1


def test_what_a_call_returns_does_not_change(here: Store) -> None:
    stored = here.documents.put("ada", "notes", "plan", b"")
    with pytest.raises(dataclasses.FrozenInstanceError):
        stored.version = 7  # type: ignore[misc]


def test_a_collection_of_an_erased_user_takes_nothing(store: Store) -> None:
    store.documents.append("ada", "chat", [b"a"])
    store.erase_user("ada")
    assert store.documents.list("ada", "chat").documents == []
    with pytest.raises(loopstate.Erased):
        store.documents.append("ada", "chat", [b"b"])
    with pytest.raises(loopstate.Erased), store.documents.writer("ada", "chat", "k") as writer:
        writer.write(b"x")


@pytest.mark.parametrize("documents", [b"hello", "hello", None, {"role": "user"}, loopstate.NewDocument(b"hello")])
def test_one_document_is_no_list_of_documents(here: loopstate.Store, documents: Any) -> None:
    with pytest.raises(TypeError, match="documents is a list of NewDocument or bytes, not"):
        here.documents.append("ada", "chat", documents)


def test_a_store_is_opened_by_its_url() -> None:
    with pytest.raises(TypeError, match="loopstate.open"):
        loopstate.Store("embedded:./agent.db")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="loopstate.open_async"):
        loopstate.AsyncStore("embedded:./agent.db")  # type: ignore[arg-type]
