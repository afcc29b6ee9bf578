"""A cluster of nodes in front of one DynamoDB: who leads, who is there, what goes wrong, what was counted."""

import asyncio
from dataclasses import dataclass, field

from counts import Counts
from faults import Faults
from node import Node


@dataclass
class Settings:
    """Times in seconds."""

    secrets: dict = field(default_factory=lambda: {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"})
    region: str = "us-east-1"
    authorization_seconds: float = 300.0
    item_seconds: float = 300.0
    query_seconds: float = 300.0
    numbers: str = "plain"  # the form of numbers in replies: decimals.encode_number
    maps: str = "definite"  # or "indefinite": the maps of replies
    empty: str = "map"  # or "null": an empty reply map
    tokens: str = "passed"  # on to DynamoDB; or "own": each time one of the node's own, so that a repetition is another transaction
    # When a write comes into the caches: "now" into all; "held" into the leader's, and into the others' with Cluster.replicate;
    # "none": into no cache, so that what is there stays until it expires.
    replication: str = "now"


class Cluster:
    def __init__(self, dynamodb, count, settings=None):
        self.dynamodb, self.settings = dynamodb, settings or Settings()
        self.schemas, self.faults, self.held_writes, self.waiting = {}, Faults(), [], []
        self.nodes = [Node(self, number) for number in range(count)]
        self.leader, self.leader_session = self.nodes[0], 1

    async def listen(self, tls=None, misnamed=None):
        """`tls`: an SSLContext; `misnamed`: another one, for the last node's TLS."""
        for node in self.nodes:
            await node.listen(tls=misnamed if misnamed and node is self.nodes[-1] else tls)

    def close(self):
        self.faults.clear()
        for node in self.nodes:
            node.go_away()

    def listed(self):
        return [node for node in self.nodes if node.listed]

    def lead(self, number):
        self.leader = self.nodes[number]
        self.leader_session += 1

    def wrote(self, table, key, item):
        """`item`: a list of one, what is there now; an empty one: unknown, so that the next read has to ask."""
        if self.settings.replication == "none":
            return
        for node in self.nodes:
            if self.settings.replication == "held" and node is not self.leader:
                self.held_writes.append((node, table, key, item))
            else:
                node.learn(table, key, item)

    def replicate(self):
        for node, table, key, item in self.held_writes:
            node.learn(table, key, item)
        self.held_writes.clear()

    def counts(self):
        total = Counts()
        for node in self.nodes:
            total.add(node.counts)
        return total

    def open_connections(self):
        return sum(len(node.connections) for node in self.nodes)

    def changed(self):
        for predicate, future in self.waiting[:]:
            if not future.done() and predicate():
                future.set_result(None)

    async def until(self, predicate):
        """Waits until `predicate` holds; it is looked at whenever something was counted."""
        if predicate():
            return
        entry = (predicate, asyncio.get_running_loop().create_future())
        self.waiting.append(entry)
        try:
            await entry[1]
        finally:
            self.waiting.remove(entry)
