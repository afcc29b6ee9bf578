"""How tests steer the server: JSON objects, one a line, each answered by one line.

{"do": "cluster", "nodes": 3, "settings": {}, "misnamed": false}
                                 makes a cluster of its own, with its own caches, counts and faults; it goes when this
                                 connection closes. The reply's "cluster" is its number, which the other commands take
                                 (default: the one made last, else 0, that of the known port), "nodes" its ports,
                                 "authority" the file of the certificate that theirs are signed with, "dynamodb" the endpoint
                                 behind it; "misnamed": the last node's certificate is for another name
{"do": "nodes"}                  the same reply, for the cluster that is there
{"do": "counts"}                 "total" and "nodes": see counts.py; "open": how many connections there are
{"do": "reset"}                  counts begin at nought
{"do": "fault", ...}             see faults.py; the reply's "fault" is its number
{"do": "faults_at_random", "seed": 7, "share": 0.2, "faults": [{...}]}      see faults.py
{"do": "release", "fault": 1}    calls that hang in it go on
{"do": "clear"}                  no more faults; calls that hang go on
{"do": "await", "fault": 1, "hits": 1}      is answered when a fault has done its work on so many calls: after
                                 DynamoDB, where the fault comes after it;
{"do": "await", "calls": {"getItem": 2}}    when so many calls came in all;
{"do": "await", "open": 0}                  when so many connections are left
{"do": "leader", "node": 1}      leads from now on
{"do": "away", "node": 1, "listed": true}   closes its ports and connections; "listed": the others still tell of it
{"do": "deaf", "node": 1}        its connections are cut, and who connects then hears nothing
{"do": "back", "node": 1}        from being away or deaf
{"do": "restart", "node": 1}     it forgets its caches and lists of names, and its connections are cut
{"do": "cut", "node": 1}         its connections are cut
{"do": "expire", "what": "items"}           or "queries", or all of it: on every node
{"do": "replicate"}              held writes reach the replicas' caches (the setting "replication")
{"do": "deauthorize"}            every connection has to be authorized anew
{"do": "settings", "settings": {}}          see cluster.py
"""

import asyncio
import json

from cluster import Cluster, Settings
from counts import Counts

LINE_MAX = 1 << 20


class Server:
    """All clusters; number 0 is that of the known port."""

    def __init__(self, dynamodb, certificates):
        self.dynamodb, self.certificates = dynamodb, certificates
        self.clusters, self.made = {}, 0

    async def make_cluster(self, count, settings=None, misnamed=False, listen=True):
        number, self.made = self.made, self.made + 1
        cluster = self.clusters[number] = Cluster(self.dynamodb, count, Settings(**(settings or {})))
        if listen:
            await cluster.listen(
                self.certificates.context("local"), self.certificates.context("other") if misnamed else None
            )
        return number

    def close_cluster(self, number):
        self.clusters.pop(number).close()

    def describe(self, number):
        nodes = [
            {
                "node": node.number,
                "port": node.port(False, False),
                "port_ipv6": node.port(False, True),
                "tls_port": node.port(True, False),
                "tls_port_ipv6": node.port(True, True),
                "leads": node.leads(),
            }
            for node in self.clusters[number].nodes
        ]
        return {
            "cluster": number,
            "nodes": nodes,
            "authority": str(self.certificates.authority),
            "dynamodb": self.dynamodb.endpoint(),
        }


class Session:
    """One connection of control."""

    def __init__(self, server):
        self.server, self.own = server, []

    def close(self):
        for number in self.own:
            self.server.close_cluster(number)
        self.own.clear()

    async def obey(self, line):
        try:
            wanted = json.loads(line)
            command = getattr(self, "do_" + wanted.pop("do"))
            number = wanted.pop("cluster", self.own[-1] if self.own else 0)
            return {"ok": True, **(await command(number, **wanted) or {})}
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}

    def cluster(self, number):
        return self.server.clusters[number]

    def node(self, number, node):
        return self.cluster(number).nodes[node]

    async def do_cluster(self, number, nodes=1, settings=None, misnamed=False):
        made = await self.server.make_cluster(nodes, settings, misnamed)
        self.own.append(made)
        return self.server.describe(made)

    async def do_nodes(self, number):
        return self.server.describe(number)

    async def do_counts(self, number):
        cluster = self.cluster(number)
        return {
            "total": cluster.counts().as_json(),
            "nodes": [node.counts.as_json() for node in cluster.nodes],
            "open": cluster.open_connections(),
        }

    async def do_reset(self, number):
        for node in self.cluster(number).nodes:
            node.counts = Counts()

    async def do_fault(self, number, **fields):
        return {"fault": self.cluster(number).faults.add(fields).number}

    async def do_faults_at_random(self, number, seed, share, faults):
        self.cluster(number).faults.add_at_random(seed, share, faults)

    async def do_release(self, number, fault):
        self.cluster(number).faults.given[fault].released.set()

    async def do_clear(self, number):
        self.cluster(number).faults.clear()

    async def do_await(self, number, fault=None, hits=1, calls=None, open=None):
        cluster = self.cluster(number)
        if fault is not None:
            met = cluster.faults.given[fault]
            await cluster.until(lambda: met.hits >= hits)
        elif calls is not None:
            await cluster.until(lambda: all(cluster.counts().calls[name] >= count for name, count in calls.items()))
        else:
            await cluster.until(lambda: cluster.open_connections() == open)

    async def do_leader(self, number, node):
        self.cluster(number).lead(node)

    def node_of_own(self, number, node):
        if number == 0:
            raise ValueError("the known port stays: make a cluster of your own")
        return self.node(number, node)

    async def do_away(self, number, node, listed=False):
        self.node_of_own(number, node).go_away(listed)

    async def do_deaf(self, number, node):
        self.node_of_own(number, node).go_deaf()

    async def do_back(self, number, node):
        await self.node(number, node).come_back()

    async def do_restart(self, number, node):
        self.node(number, node).forget()
        self.node(number, node).cut_connections()

    async def do_cut(self, number, node):
        self.node(number, node).cut_connections()

    async def do_expire(self, number, what="all"):
        for node in self.cluster(number).nodes:
            if what in ("items", "all"):
                node.items.clear()
            if what in ("queries", "all"):
                node.queries.clear()

    async def do_replicate(self, number):
        self.cluster(number).replicate()

    async def do_deauthorize(self, number):
        for node in self.cluster(number).nodes:
            for connection in node.connections:
                connection.deauthorize()

    async def do_settings(self, number, settings):
        current = self.cluster(number).settings
        for name, value in settings.items():
            if not hasattr(current, name):
                raise KeyError(name)
            setattr(current, name, value)


class Control(asyncio.Protocol):
    def __init__(self, server):
        self.session, self.buffer, self.lines = Session(server), b"", asyncio.Queue()

    def connection_made(self, transport):
        self.transport = transport
        self.worker = asyncio.get_running_loop().create_task(self.work())

    def connection_lost(self, error):
        self.worker.cancel()
        self.session.close()

    def data_received(self, data):
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for line in lines:
            self.lines.put_nowait(line)
        if len(self.buffer) > LINE_MAX:
            self.transport.abort()

    async def work(self):
        while True:
            reply = await self.session.obey(await self.lines.get())
            self.transport.write(json.dumps(reply).encode() + b"\n")
