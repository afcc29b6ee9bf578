"""Each test of a store runs on an embedded one, and on DynamoDB where there is a server: `tools/dynamodb-server run ...`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Iterator

import loopstate
import pytest
from places import Place, dynamodb_place


@pytest.fixture
def file(tmp_path: Path) -> Place:
    """An embedded store, for what has nothing to do with the engine."""
    return Place(f"embedded:{tmp_path}/test.db", {})


@pytest.fixture(params=["embedded", "dynamodb"])
def place(request: Any, tmp_path: Path) -> Place:
    if request.param == "embedded":
        return Place(f"embedded:{tmp_path}/test.db", {})
    endpoint = os.environ.get("DYNAMODB_SERVER_ENDPOINT")
    if not endpoint:
        pytest.skip("there is no DynamoDB server")
    return dynamodb_place(endpoint)


@pytest.fixture
def store(place: Place) -> Iterator[loopstate.Store]:
    with place.open() as opened:
        yield opened


@pytest.fixture
def here(file: Place) -> Iterator[loopstate.Store]:
    with file.open() as opened:
        yield opened
