"""A cluster of nodes in front of one DynamoDB, and a node with its caches and its lists of names."""

import asyncio
import ipaddress
from dataclasses import dataclass, field

import cbor
from cache import TimedCache
from connection import Connection
from counts import Counts
from errors import Refused
from keys import Schema
from values import AttributeLists, encode_attribute

# Ids of one node mean nothing to another: a client that mixes them up is refused.
IDS_PER_NODE = 1_000_000


@dataclass
class Settings:
    secrets: dict = field(default_factory=lambda: {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"})
    authorization_seconds: float = 300.0
    item_seconds: float = 300.0
    query_seconds: float = 300.0
    numbers: str = "plain"       # decimals.encode_number
    maps: str = "definite"       # or "indefinite"
    empty: str = "map"           # or "null": an empty reply map


class Node:
    def __init__(self, cluster, number):
        self.cluster, self.number, self.settings = cluster, number, cluster.settings
        self.items, self.queries = TimedCache(self.settings.item_seconds), TimedCache(self.settings.query_seconds)
        self.lists = AttributeLists(2 + number * IDS_PER_NODE)
        self.counts = Counts()
        self.connections, self.servers, self.ports = set(), [], {}

    async def listen(self, port=0, protocol=None):
        """On both loopback addresses, where there are two."""
        loop = asyncio.get_running_loop()
        for ipv6, host in ((False, "127.0.0.1"), (True, "::1")):
            try:
                server = await loop.create_server(protocol or (lambda: Connection(self, False)), host, port)
            except OSError:
                if not ipv6:
                    raise
                continue
            self.servers.append(server)
            self.ports[False, ipv6] = server.sockets[0].getsockname()[1]

    def port(self, tls, ipv6):
        return self.ports[tls, ipv6]

    @staticmethod
    def address(ipv6):
        return ipaddress.ip_address("::1" if ipv6 else "127.0.0.1").packed

    def leads(self):
        return self.cluster.leader is self

    async def ask(self, operation, body, kind=None):
        self.counts.dynamodb[kind or operation] += 1
        return await self.cluster.dynamodb.call(operation, body)

    @staticmethod
    def table_name(name):
        if type(name) is not bytes or not name:
            raise Refused("the name of a table is a byte string")
        try:
            return name.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the name of a table is not UTF-8") from None

    async def schema(self, table):
        found = self.cluster.schemas.get(table)
        if found is None:
            description = await self.cluster.dynamodb.call("DescribeTable", {"TableName": table})
            found = self.cluster.schemas[table] = Schema.of_description(description["Table"])
        return found

    def count_hit(self, call):
        self.counts.hits[call] += 1

    def held_item(self, table, key):
        """What the cache holds, with one element that may be None: that there is no such item is held too."""
        held = self.items.get((table, key))
        if held:
            self.count_hit("item")
        return held

    def hold_item(self, table, key, item):
        self.items.put((table, key), item)

    def wrote_item(self, table, key, item):
        for node in self.cluster.nodes:
            node.items.put((table, key), item)

    def forget_item(self, table, key):
        for node in self.cluster.nodes:
            node.items.drop((table, key))

    def keep_some(self, count):
        """How many parts of a batch are served; the others are answered as unprocessed."""
        return count

    def item_values(self, item, schema):
        return cbor.byte_string(self.lists.encode(item, schema.names, self.settings.numbers))

    def projected(self, projection, item):
        pairs = [(cbor.integer(place), encode_attribute(value, self.settings.numbers))
                 for place, value in projection.of(item).items()]
        return self.map_form(pairs)

    def map_form(self, pairs):
        return cbor.open_mapping(pairs) if self.settings.maps == "indefinite" else cbor.mapping(pairs)

    def reply_map(self, pairs):
        if not pairs and self.settings.empty == "null":
            return cbor.NULL
        return self.map_form(pairs)


class Cluster:
    def __init__(self, dynamodb, count, settings=None):
        self.dynamodb, self.settings = dynamodb, settings or Settings()
        self.schemas = {}
        self.nodes = [Node(self, number) for number in range(count)]
        self.leader, self.leader_session = self.nodes[0], 1

    def listed(self):
        return self.nodes
