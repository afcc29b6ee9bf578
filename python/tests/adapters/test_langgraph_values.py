"""How a saver tells which messages of a list it has stored already."""

from __future__ import annotations

import array
import random
from typing import Any, List, Tuple

import pytest

pytest.importorskip("langgraph")
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage  # noqa: E402
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer  # noqa: E402
from loopstate.langgraph._values import Marks, Serde, make  # noqa: E402


def messages(count: int) -> List[Any]:
    kinds = [HumanMessage, AIMessage]
    return [kinds[place % 2](f"text {place}", id=f"id-{place}", additional_kwargs={"notes": []}) for place in range(count)]


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 70, 130])
@pytest.mark.parametrize("more", [0, 1, 32, 40])
def test_messages_that_stayed_are_recognised_also_as_copies(count: int, more: int) -> None:
    before = messages(count)
    then = Marks(before)
    for after in (before + messages(more), [each.model_copy(deep=True) for each in before] + messages(more)):
        assert then.unchanged(Marks(after), after) == count


@pytest.mark.parametrize("seed", range(60))
def test_nothing_that_changed_counts_as_unchanged(seed: int) -> None:
    chance = random.Random(seed)
    before = messages(chance.randrange(1, 120))
    then = Marks(before)
    after = [each.model_copy(deep=True) if chance.random() < 0.5 else each for each in before]
    place = chance.randrange(len(after))
    change = chance.randrange(6)
    if change == 0:
        after[place].content += "!"
    elif change == 1:
        after[place].additional_kwargs["notes"].append(1)
    elif change == 2:
        after[place] = ToolMessage(after[place].content, id=after[place].id, tool_call_id="1")
    elif change == 3:
        del after[place]
    elif change == 4:
        after[place].response_metadata["at"] = object()  # nothing that could be compared
    else:
        after.insert(place, HumanMessage("new"))
    after.extend(messages(chance.randrange(50)))
    assert then.unchanged(Marks(after), after) <= place


@pytest.mark.parametrize("other", [None, "text", {"a": 1}, 7, [1, 2], ["a"] * 40])
def test_what_is_no_list_of_messages_has_nothing_in_common(other: Any) -> None:
    before = messages(40)
    assert Marks(before).unchanged(Marks(other), other) == 0
    assert Marks(other).unchanged(Marks(before), before) == 0


def test_nothing_is_taken_for_the_bytes_that_it_consists_of() -> None:
    """An array, or one of numpy's, is more than its bytes: other shapes, or numbers of other kinds, have the same."""
    then = Marks([AIMessage("", additional_kwargs={"value": array.array("i", [1])})])
    now = [AIMessage("", additional_kwargs={"value": array.array("f", array.array("i", [1]).tobytes())})]
    assert then.unchanged(Marks(now), now) == 0


@pytest.mark.parametrize("count", [1, 32, 70])
def test_a_message_that_was_another_one_while_it_was_serialized_is_stored_as_it_is_next_time(count: int) -> None:
    value = messages(count)

    class Meanwhile(JsonPlusSerializer):
        def dumps_typed(self, obj: Any) -> Tuple[str, bytes]:
            value[-1].content = "for a moment"
            return super().dumps_typed(obj)

    then = Marks(value)
    stored = make(Serde(Meanwhile()), "", "messages", value, None, None, then)
    then.held = stored.held
    value[-1].content = messages(count)[-1].content
    again = make(Serde(JsonPlusSerializer()), "", "messages", value, stored.held, then, Marks(value))
    assert again.entry != stored.entry
    assert [JsonPlusSerializer().loads_typed(each) for each in getattr(again.entry, "own")][-1:] == value[-1:]
