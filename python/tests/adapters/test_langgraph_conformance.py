"""LangGraph's own judge of savers: every capability, base and optional."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncGenerator

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability
from loopstate.langgraph import LoopstateSaver

COUNTS = {"put": 17, "put_writes": 10, "get_tuple": 10, "list": 16, "delete_thread": 5, "delete_for_runs": 7, "copy_thread": 8, "prune": 8}


def judged(make: Any, capability: str) -> Any:
    @checkpointer_test(name="loopstate")
    async def factory() -> AsyncGenerator[LoopstateSaver, None]:
        yield await make()

    return asyncio.run(validate(factory, capabilities={capability})).results[capability]


@pytest.mark.parametrize("capability", [each.value for each in Capability])
def test_conformance_with_a_store(store: Any, capability: str) -> None:
    async def make() -> LoopstateSaver:
        return LoopstateSaver(store, user="ada")

    result = judged(make, capability)
    assert (result.tests_passed, result.failures) == (COUNTS[capability], [])


@pytest.mark.parametrize("capability", [each.value for each in Capability])
def test_conformance_with_an_async_store(open_async: Any, capability: str) -> None:
    async def make() -> LoopstateSaver:
        return LoopstateSaver(await open_async(), user="ada")

    result = judged(make, capability)
    assert (result.tests_passed, result.failures) == (COUNTS[capability], [])
