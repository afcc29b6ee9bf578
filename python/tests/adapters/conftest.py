"""Each test runs on an embedded store, and on DynamoDB where there is a server: `tools/dynamodb-server run pytest ...`."""

from __future__ import annotations

import inspect
import itertools
import os
import tempfile
from typing import Any, Awaitable, Callable, Iterator, NamedTuple

import loopstate
import pytest
from places import Place, dynamodb_place

_numbers = itertools.count()


class Where(NamedTuple):
    """Where a test's store is. Tests on DynamoDB share a table, and their users have names of their own."""

    place: Place
    tenant: str = ""

    def open(self) -> Any:
        store = self.place.open()
        return Tenant(store, self.tenant) if self.tenant else store


class Tenant:
    """A store whose users are told from those of other tests."""

    def __init__(self, store: Any, tenant: str) -> None:
        self.documents = TenantsDocuments(store.documents, tenant)
        self._store = store

    def __enter__(self) -> "Tenant":
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()


class TenantsDocuments:
    def __init__(self, documents: Any, tenant: str) -> None:
        self._documents = documents
        self._tenant = tenant

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._documents, name)

        def call(user: str, *arguments: Any, **options: Any) -> Any:
            return method(f"{self._tenant}{user}", *arguments, **options)

        async def call_async(user: str, *arguments: Any, **options: Any) -> Any:
            return await method(f"{self._tenant}{user}", *arguments, **options)

        return call_async if inspect.iscoroutinefunction(method) else call


@pytest.fixture(params=["embedded", "dynamodb"])
def place(request: pytest.FixtureRequest) -> Iterator[Where]:
    if request.param == "dynamodb":
        yield Where(request.getfixturevalue("table"), f"{next(_numbers)}-")
        return
    # In memory, where there is such a folder: these tests make thousands of commits, and lose no power.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Where(Place(f"embedded:{folder}/test.db", {}))


@pytest.fixture(scope="session")
def table() -> Place:
    endpoint = os.environ.get("DYNAMODB_SERVER_ENDPOINT")
    if not endpoint:
        pytest.skip("there is no DynamoDB server")
    return dynamodb_place(endpoint)


@pytest.fixture(scope="session")
def opened(table: Place) -> Iterator[Any]:
    with table.open() as store:
        yield store


@pytest.fixture(scope="session")
def opened_async(opened: Any) -> Any:
    return loopstate.AsyncStore(opened)


@pytest.fixture
def store(place: Where, request: pytest.FixtureRequest) -> Iterator[Any]:
    if place.tenant:
        yield Tenant(request.getfixturevalue("opened"), place.tenant)
        return
    with place.open() as store:
        yield store


@pytest.fixture
def open_async(place: Where, request: pytest.FixtureRequest) -> Callable[[], Awaitable[Any]]:
    shared = request.getfixturevalue("opened_async") if place.tenant else None

    async def opening() -> Any:
        return Tenant(shared, place.tenant) if shared else await loopstate.open_async(place.place.url)

    return opening


class IntoAnyThread:
    """Appends as savers did before they told a thread from a newer one of its name."""

    def __init__(self, store: Any) -> None:
        self.documents, self._store = self, store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store.documents, name)

    def append(self, *arguments: Any, in_generation: Any = None, **options: Any) -> Any:
        return self._store.documents.append(*arguments, **options)


@pytest.fixture
def into_any_thread(store: Any) -> Any:
    return IntoAnyThread(store)
