"""A node of a cluster: its ports, its caches, its lists of names."""

import asyncio
import ipaddress
import socket

import cbor
import faults
from cache import TimedCache
from connection import Connection
from counts import Counts
from errors import RECOVERING, Refused, ServiceError
from keys import Schema
from methods import WRITES
from values import AttributeLists, encode_attribute

# Ids of one node mean nothing to another: a client that mixes them up is refused.
IDS_PER_NODE = 1_000_000
LOOPBACK = {False: "127.0.0.1", True: "::1"}


class Node:
    def __init__(self, cluster, number):
        self.cluster, self.number, self.settings = cluster, number, cluster.settings
        self.counts, self.connections = Counts(), set()
        self.servers, self.ports, self.tls = [], {}, None
        self.up = self.listed = True
        self.lives = 0
        self.forget()

    def forget(self):
        """As after a restart: the caches are empty, and the lists of names get other ids."""
        self.items = TimedCache(lambda: self.settings.item_seconds)
        self.queries = TimedCache(lambda: self.settings.query_seconds)
        self.lists = AttributeLists(2 + (self.number + 100 * self.lives) * IDS_PER_NODE)
        self.lives += 1

    async def listen(self, tls=None, port=0, protocol=None):
        """On both loopback addresses where there are two, plain and with TLS. `protocol`: for the plain port."""
        self.tls = tls
        loop = asyncio.get_running_loop()
        for context in [None] + ([tls] if tls else []):
            for ipv6, host in LOOPBACK.items():
                make = (not context and protocol) or (lambda encrypted=bool(context): Connection(self, encrypted))
                wanted = self.ports.get((bool(context), ipv6)) or (0 if context else port)
                try:
                    server = await loop.create_server(make, host, wanted, ssl=context)
                except OSError:
                    if not ipv6:
                        raise
                    continue
                self.servers.append(server)
                self.ports[bool(context), ipv6] = server.sockets[0].getsockname()[1]
        self.up = True

    def go_away(self, listed=False):
        self.up, self.listed = False, listed
        for server in self.servers:
            server.close()
        self.servers.clear()
        self.cut_connections()

    def go_deaf(self):
        """As a machine that hangs: who connects is let in by the kernel, and hears nothing."""
        self.go_away(listed=True)
        for (_, ipv6), port in self.ports.items():
            listener = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK[ipv6], port))
            listener.listen(128)
            self.servers.append(listener)

    async def come_back(self):
        self.listed = True
        if not self.up:
            self.go_away(listed=True)  # from being deaf
            await self.listen(self.tls)

    def cut_connections(self):
        for connection in list(self.connections):
            connection.close()

    def port(self, tls, ipv6):
        return self.ports.get((tls, ipv6), 0)

    @staticmethod
    def address(ipv6):
        return ipaddress.ip_address(LOOPBACK[ipv6]).packed

    def leads(self):
        return self.cluster.leader is self

    def opened(self, connection):
        self.connections.add(connection)
        self.counts.connections += 1
        self.cluster.changed()

    def lost(self, connection):
        self.connections.discard(connection)
        self.cluster.changed()

    def counted(self, call):
        self.counts.calls[call] += 1
        self.cluster.changed()

    def meet(self, call, tables=(), just_authorized=False):
        return self.cluster.faults.meet(self, call, tables, just_authorized)

    def strike(self, fault):
        """Now the fault does what it does; who waits for that may look."""
        fault.hits += 1
        self.cluster.changed()

    def check_can(self, call):
        """A replica passes writes on to the leader."""
        if call in WRITES and not self.leads():
            if not self.cluster.leader.up:
                raise ServiceError("InternalServerError", "the cluster has no leader", codes=RECOVERING, status=500)
            self.counts.forwarded += 1

    async def ask(self, operation, body, kind=None):
        self.counts.dynamodb[kind or operation] += 1
        try:
            return await self.cluster.dynamodb.call(operation, body)
        except ServiceError as error:
            if error.name == "ResourceNotFoundException":
                self.cluster.schemas.clear()  # a table that comes back may have other keys
            raise

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
        """What the cache holds, as the first of a pair: an item, or None, since that there is none is held too."""
        held = self.items.get((table, key))
        if held:
            self.count_hit("item")
        return held

    def hold_item(self, table, key, item):
        """A read that a write overtook leaves what it saw: stale until it expires."""
        self.items.put((table, key), item)

    def learn(self, table, key, item):
        if item:
            self.items.put((table, key), item[0])
        else:
            self.items.drop((table, key))

    def wrote_item(self, table, key, item):
        self.cluster.wrote(table, key, [item])

    def forget_item(self, table, key):
        self.cluster.wrote(table, key, [])

    @staticmethod
    def keep_some(count):
        """How many parts of a batch are served; the others are answered as unprocessed."""
        fault = faults.current.get()
        return min(count, fault.get("keep", 0)) if fault and fault.kind == "unprocessed" else count

    def item_values(self, item, schema):
        return cbor.byte_string(self.lists.encode(item, schema.names, self.settings.numbers))

    def projected(self, projection, item):
        return self.map_form(
            [
                (cbor.integer(place), encode_attribute(value, self.settings.numbers))
                for place, value in projection.of(item).items()
            ]
        )

    def map_form(self, pairs):
        return cbor.open_mapping(pairs) if self.settings.maps == "indefinite" else cbor.mapping(pairs)

    def reply_map(self, pairs):
        if not pairs and self.settings.empty == "null":
            return cbor.NULL
        return self.map_form(pairs)
