"""The examples of docs/adapters.md run."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any, Dict

import pytest
from agents import Agent
from langgraph.graph import START, MessagesState, StateGraph
from test_openai_agents import Echo

GUIDE = Path(__file__).parents[3] / "docs" / "adapters.md"
EXAMPLES = re.findall(r"^## (.+?)$.*?^```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


def test_every_adapter_has_an_example() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize("title, example", EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_example(title: str, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    names: Dict[str, Any] = {
        "agent": Agent(name="echo", model=Echo()),
        "builder": StateGraph(MessagesState).add_node("agent", lambda state: {}).add_edge(START, "agent"),
    }
    exec(compile(example, title, "exec"), names)
    if inspect.iscoroutinefunction(names.get("main")):
        asyncio.run(names["main"]())
    assert (tmp_path / "agent.db").exists()
    store = names.get("store")
    if store is not None:
        store.close()
