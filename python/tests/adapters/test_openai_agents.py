"""OpenAI Agents' session, and the framework driven without a model."""

from __future__ import annotations

import asyncio
from typing import Any, List

import loopstate
import pytest
from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage
from agents.memory.session import Session
from agents.memory.session_settings import SessionSettings
from loopstate.openai_agents import LoopstateSession
from openai.types.responses import ResponseOutputMessage, ResponseOutputText


def items(first: int, count: int) -> List[Any]:
    return [{"role": "user", "content": f"é {n}"} for n in range(first, first + count)]


def test_the_protocol(store: Any) -> None:
    async def run() -> None:
        ours = LoopstateSession("chat-1", store, user="ada")
        assert isinstance(ours, Session)
        assert await ours.get_items() == []
        assert await ours.pop_item() is None
        await ours.add_items([])
        await ours.add_items(items(0, 200))
        await LoopstateSession("chat-1", store, user="ada").add_items(items(200, 5))
        assert await ours.get_items() == items(0, 205)
        assert await ours.get_items(7) == items(198, 7)
        assert await ours.get_items(0) == []
        assert await ours.pop_item() == items(204, 1)[0]
        await ours.add_items(items(300, 1))
        assert await ours.get_items(3) == [*items(202, 2), *items(300, 1)]
        assert await LoopstateSession("chat-1", store, user="ada", session_settings=SessionSettings(limit=2)).get_items() == [
            *items(203, 1),
            *items(300, 1),
        ]
        assert await LoopstateSession("chat-2", store, user="ada").get_items() == []
        assert await LoopstateSession("chat-1", store, user="bob").get_items() == []
        await ours.clear_session()
        assert await ours.get_items() == []
        await ours.add_items(items(1, 1))
        assert await ours.get_items() == items(1, 1)

    asyncio.run(run())


def test_with_an_async_store_and_many_at_once(open_async: Any) -> None:
    async def run() -> None:
        store = await open_async()
        sessions = [LoopstateSession("chat-1", store, user="ada") for _ in range(4)]
        await asyncio.gather(*(each.add_items(items(100 * n + 3 * k, 3)) for n, each in enumerate(sessions) for k in range(10)))
        found = await sessions[0].get_items()
        assert sorted(int(each["content"][2:]) for each in found) == sorted(100 * n + k for n in range(4) for k in range(30))  # type: ignore[index,typeddict-item]
        assert all(found[k : k + 3] == items(int(found[k]["content"][2:]), 3) for k in range(0, len(found), 3))  # type: ignore[index,typeddict-item]
        popped = await asyncio.gather(*(each.pop_item() for each in sessions for _ in range(10)))
        assert len({each["content"] for each in popped if each}) == 40  # type: ignore[index,typeddict-item]
        assert len(await sessions[0].get_items()) == 80

    asyncio.run(run())


class Echo(Model):
    """Answers with how much it was given."""

    async def get_response(self, system_instructions: Any, input: Any, *_: Any, **__: Any) -> ModelResponse:
        text = ResponseOutputText(text=f"{len(input)} items", type="output_text", annotations=[])
        message = ResponseOutputMessage(id="m", content=[text], role="assistant", status="completed", type="message")
        return ModelResponse(output=[message], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def test_an_agent_remembers(store: Any) -> None:
    async def run() -> None:
        agent = Agent(name="echo", model=Echo())
        for number in range(5):
            session = LoopstateSession("chat-1", store, user="ada")
            result = await Runner.run(agent, f"turn {number}", session=session, run_config=RunConfig(tracing_disabled=True))
            assert result.final_output == f"{2 * number + 1} items"

    asyncio.run(run())


def test_half_of_a_surrogate_pair_is_kept_as_it_is(store: Any) -> None:
    async def run() -> None:
        session = LoopstateSession("cut off", store, user="ada")
        await session.add_items([{"role": "user", "content": "a\ud83d"}])
        assert await session.get_items() == [{"role": "user", "content": "a\ud83d"}]

    asyncio.run(run())


@pytest.mark.parametrize("no_store", [None, "embedded:./agent.db", loopstate.open_async("embedded:./agent.db")])
def test_what_is_no_store_is_refused_at_once(no_store: Any) -> None:
    with pytest.raises(TypeError, match="loopstate.open"):
        LoopstateSession("chat", no_store, user="ada")


def test_one_item_is_no_list_of_items(store: Any) -> None:
    for items in ("text", {"role": "user", "content": "text"}):
        with pytest.raises(TypeError, match="a list of items"):
            asyncio.run(LoopstateSession("chat", store, user="ada").add_items(items))  # type: ignore[arg-type]
