"""A growing conversation under LangGraph: what its turns and resuming it take, beside other savers.

    pip install langgraph langgraph-checkpoint-sqlite langgraph-checkpoint-aws
    tools/dynamodb-server run python3 python/bench/langgraph_turns.py [FOLDER]

A turn is one question and one answer of 0.2 and 0.5 KB through `graph.invoke`. "Resuming" opens the store anew and reads the last
checkpoint, the best of seven times. Bytes are those of the file, or of the table's items (keys and values).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import boto3
import loopstate
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from loopstate.langgraph import LoopstateSaver

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from places import dynamodb_place  # noqa: E402

CONFIG: Any = {"configurable": {"thread_id": "chat", "checkpoint_ns": ""}}
Opening = Callable[[], Any]


def agent(state: MessagesState) -> Dict[str, Any]:
    return {"messages": [AIMessage("an answer of some length, " * 20, id=f"answer-{len(state['messages'])}")]}


def turns(saver: Any, first: int, last: int) -> float:
    graph = StateGraph(MessagesState).add_node("agent", agent).add_edge(START, "agent").compile(checkpointer=saver)
    begin = time.perf_counter()
    for number in range(first, last):
        graph.invoke({"messages": [HumanMessage(f"question {number}, " * 14, id=f"question-{number}")]}, CONFIG)
    return time.perf_counter() - begin


def resume(opening: Opening, expected: int) -> float:
    best = 1e9
    for _ in range(7):
        begin = time.perf_counter()
        with opening() as saver:
            found = saver.get_tuple(CONFIG)
            best = min(best, time.perf_counter() - begin)
        assert found is not None and len(found.checkpoint["channel_values"]["messages"]) == expected
    return best


def measure(name: str, opening: Opening, size: Callable[[], int], steps: List[int]) -> None:
    done, spent = 0, 0.0
    for step in steps:
        try:
            with opening() as saver:
                spent += turns(saver, done, step)
        except Exception as error:
            print(f"{name:34} {step:6} turns: {type(error).__name__}: {str(error)[:90]}")
            return
        done = step
        took = resume(opening, 2 * step)
        print(f"{name:34} {step:6} turns {spent:8.2f} s  {size() / 1e6:8.2f} MB  resuming {took * 1e3:7.2f} ms", flush=True)


def embedded(folder: Path) -> None:
    @contextmanager
    def opening() -> Iterator[Any]:
        with loopstate.open(f"embedded:{folder}/loopstate.db") as store:
            yield LoopstateSaver(store, user="ada")

    measure("loopstate, embedded", opening, lambda: (folder / "loopstate.db").stat().st_blocks * 512, [250, 500, 1000])

    @contextmanager
    def sqlite() -> Iterator[Any]:
        with SqliteSaver.from_conn_string(str(folder / "sqlite.db")) as saver:
            yield saver

    measure("langgraph-checkpoint-sqlite", sqlite, lambda: (folder / "sqlite.db").stat().st_blocks * 512, [250, 500, 1000])


def dynamodb(endpoint: str) -> None:
    access = {"region_name": "eu-west-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("dynamodb", endpoint_url=endpoint, **access)

    def size(table: str) -> int:
        total = 0
        for page in client.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                for name, value in item.items():
                    (content,) = value.values()
                    total += len(name) + len(content if isinstance(content, (str, bytes)) else str(content))
        return total

    place = dynamodb_place(endpoint)

    @contextmanager
    def opening() -> Iterator[Any]:
        with place.open() as store:
            yield LoopstateSaver(store, user="ada")

    measure("loopstate, DynamoDB", opening, lambda: size(place.url.split(":")[1]), [100, 250, 500])
    from langgraph_checkpoint_aws import DynamoDBSaver

    keys = [("PK", "HASH"), ("SK", "RANGE")]
    client.create_table(
        TableName="aws",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
    )

    @contextmanager
    def aws() -> Iterator[Any]:
        yield DynamoDBSaver("aws", session=boto3.Session(**access), endpoint_url=endpoint, enable_checkpoint_compression=True)

    measure("langgraph-checkpoint-aws, DynamoDB", aws, lambda: size("aws"), [100, 250, 500])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        embedded(Path(folder))
    if "DYNAMODB_SERVER_ENDPOINT" in os.environ:
        dynamodb(os.environ["DYNAMODB_SERVER_ENDPOINT"])
