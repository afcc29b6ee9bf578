"""What goes wrong on demand, and what a cluster does about it: seen by a client that does not hide it."""

import threading
import unittest

from raw_client import NONE, Closed, Error, RawClient

import cbor
from steering import Cluster

KEY = cbor.byte_string(b"u")
ADD_ONE = cbor.byte_string(bytes.fromhex("83018183148212616e8211008101"))  # ADD n :0, with 1


class FaultTest(unittest.TestCase):
    NODES = 1

    def setUp(self):
        self.cluster = Cluster(self.NODES)
        self.addCleanup(self.cluster.close)
        self.name = self.cluster.make_table()
        self.table = cbor.byte_string(self.name.encode())
        self.client = self.connect()
        self.client.call("endpoints")  # so that its greeting is over before a fault is made

    def connect(self, node=0):
        client = RawClient(self.cluster.nodes[node]["port"])
        self.addCleanup(client.close)
        return client

    def get(self, client=None, consistent=False):
        return (client or self.client).call("getItem", self.table, KEY, b"\xbf\x02\xf5\xff" if consistent else NONE)

    def add(self, client=None):
        return (client or self.client).call("updateItem", self.table, KEY, b"\xbf\x08" + ADD_ONE + b"\xff")

    def stored(self):
        """The number past the cache."""
        found = self.cluster.dynamodb_call(
            "GetItem", {"TableName": self.name, "Key": {"pk": {"S": "u"}}, "ConsistentRead": True}
        )
        return int(found.get("Item", {}).get("n", {}).get("N", "0"))


class Faults(FaultTest):
    def test_a_dropped_write_is_done_only_when_it_is_dropped_after(self):
        for after, stored in ((False, 0), (True, 1)):
            self.cluster.fault("drop", call="updateItem", after=after)
            client = self.connect()
            self.assertRaises((Closed, ConnectionResetError), self.add, client)
            self.assertEqual(self.stored(), stored)

    def test_an_error_comes_before_or_after_the_write(self):
        for kind, codes in (
            ("throttle", [4, 37, 38, 39, 50]),
            ("outcome_unknown", [1, 37, 38, 53]),
            ("recovering", [2, 37, 38, 53]),
            ("internal", [1, 37, 38, 39, 47]),
            ("unauthorized", [4, 23, 31, 33]),
        ):
            for after in (False, True):
                before = self.stored()
                self.cluster.fault(kind, call="updateItem", after=after)
                with self.assertRaises(Error) as raised:
                    self.add()
                self.assertEqual((raised.exception.codes, self.stored()), (codes, before + after))
                self.client.authorize()
        self.assertEqual(self.add(), {})

    def test_a_call_hangs_until_it_is_released(self):
        for after, stored in ((False, 0), (True, 2)):
            fault = self.cluster.fault("hang", call="updateItem", after=after)
            caller = threading.Thread(target=self.add)
            caller.start()
            self.cluster.tell("await", fault=fault)
            self.assertEqual(self.stored(), stored)
            self.cluster.tell("release", fault=fault)
            caller.join()
            self.assertEqual(self.stored(), stored if after else 1)

    def test_a_hanging_call_can_end_cut(self):
        fault = self.cluster.fault("hang", call="getItem", then="drop")
        self.client.send(RawClient.encode("getItem", [self.table, KEY, NONE]))
        self.cluster.tell("await", fault=fault)
        self.cluster.tell("release", fault=fault)
        self.assertTrue(self.client.closed())

    def test_a_reply_is_cut_where_one_says(self):
        self.add()
        self.cluster.fault("cut", call="getItem", keep=3)
        with self.assertRaises(Closed) as raised:
            self.get()
        self.assertEqual(raised.exception.args[0].hex(), "a100")

    def test_a_reply_is_replaced_or_has_something_after_it(self):
        self.add()
        whole = self.get()
        self.cluster.fault("append", call="getItem", bytes="00")
        self.assertEqual(self.get(), whole)
        self.assertEqual(self.client.value(), 0)
        self.cluster.fault("garbage")
        self.client.send(RawClient.encode("getItem", [self.table, KEY, NONE]))
        self.assertEqual(self.client.socket.recv(4), b"HTTP")

    def test_a_late_call_is_done_when_its_client_has_hung_up(self):
        fault = self.cluster.fault("late", call="updateItem")
        client = self.connect()
        client.send(RawClient.encode("updateItem", [self.table, KEY, b"\xbf\x08" + ADD_ONE + b"\xff"]))
        self.cluster.tell("await", fault=fault)
        self.assertEqual(self.stored(), 0)
        client.close()
        self.cluster.tell("await", fault=fault, hits=2)
        self.assertEqual(self.stored(), 1)

    def test_a_reply_can_come_twice(self):
        self.add()
        whole = self.get()
        self.cluster.fault("twice", call="getItem")
        self.assertEqual(self.get(), whole)
        self.assertEqual(self.client.value(), [])

    def test_faults_at_random_meet_their_share_of_the_calls_until_they_are_cleared(self):
        self.cluster.tell("faults_at_random", seed=7, share=0.5, faults=[{"kind": "throttle"}, {"kind": "internal"}])
        codes = []
        for _ in range(40):
            try:
                self.get()
            except Error as error:
                codes.append(error.codes[4])
        self.assertEqual(set(codes), {50, 47})
        self.assertLess(len(codes), 40)
        self.cluster.tell("clear")
        for _ in range(10):
            self.get()

    def test_a_reply_trickles(self):
        self.add()
        whole = self.get()
        self.cluster.fault("trickle")
        self.assertEqual(self.get(), whole)

    def test_a_fault_meets_the_calls_it_names(self):
        self.cluster.fault("throttle", call="getItem", table=self.name, skip=1, times=2)
        other = cbor.byte_string(self.cluster.make_table().encode())
        self.client.call("getItem", other, KEY, NONE)
        self.add()
        self.get()
        for _ in range(2):
            self.assertRaises(Error, self.get)
        self.get()

    def test_a_greeting_or_an_authorization_can_be_met(self):
        self.cluster.fault("drop", call="greeting")
        self.assertTrue(self.connect().closed())
        fault = self.cluster.fault("hang", call="greeting")
        client = self.connect()
        self.cluster.tell("await", fault=fault)
        self.cluster.tell("release", fault=fault)
        self.assertEqual(self.get(client), {})
        self.cluster.fault("error", call="authorizeConnection", codes=[4, 23, 31, 32], message="no")
        with self.assertRaises(Error) as raised:
            self.get(self.connect())
        self.assertEqual(raised.exception.codes, [4, 23, 31, 32])

    def test_a_fault_that_is_none_is_refused(self):
        self.assertRaises(RuntimeError, self.cluster.fault, "no-such-fault")
        self.assertRaises(RuntimeError, self.cluster.fault, "drop", wrong=1)


class Clusters(FaultTest):
    NODES = 3

    def roles(self, client=None):
        return {node[0]: node[4] for node in (client or self.client).call("endpoints")}

    def test_the_nodes_say_who_leads_and_who_is_there(self):
        self.assertEqual(self.roles(), {0: 1, 1: 2, 2: 2})
        self.cluster.tell("leader", node=1)
        self.cluster.tell("away", node=2)
        self.assertEqual(self.roles(), {0: 2, 1: 1})
        self.cluster.tell("away", node=2, listed=True)
        self.assertEqual(self.roles(), {0: 2, 1: 1, 2: 2})
        self.assertRaises(ConnectionRefusedError, self.connect, 2)
        self.cluster.tell("back", node=2)
        self.assertEqual(self.roles(self.connect(2)), {0: 2, 1: 1, 2: 2})

    def test_a_deaf_node_lets_in_and_says_nothing_until_it_is_back(self):
        self.cluster.tell("deaf", node=1)
        deaf = self.connect(1)
        deaf.send(RawClient.encode("endpoints", []))
        self.assertEqual(self.roles(), {0: 1, 1: 2, 2: 2})
        self.assertEqual(self.cluster.counts()["calls"]["endpoints"], 2)
        self.cluster.tell("back", node=1)
        self.assertTrue(deaf.closed())
        self.assertEqual(self.roles(self.connect(1)), {0: 1, 1: 2, 2: 2})

    def test_a_fault_can_change_the_leader(self):
        self.cluster.fault("recovering", call="updateItem", leader=2)
        self.assertRaises(Error, self.add)
        self.assertEqual(self.roles(), {0: 2, 1: 2, 2: 1})

    def test_a_replica_passes_writes_on_while_somebody_leads(self):
        replica = self.connect(1)
        self.add(replica)
        self.assertEqual(self.cluster.counts()["forwarded"], 1)
        self.cluster.tell("away", node=0)
        with self.assertRaises(Error) as raised:
            self.add(replica)
        self.assertEqual((raised.exception.codes, self.stored()), ([2, 37, 38, 53], 1))

    def test_a_write_reaches_the_caches_when_its_cluster_says(self):
        replica = self.connect(1)

        def seen(client):
            """The number that the caches of its node hold: small, so that it is the last byte of an item."""
            return self.get(client)[0][-1]

        self.add()
        for replication, by_leader, by_replica, later in (("now", 1, 1, 1), ("held", 1, 0, 1), ("none", 0, 0, 0)):
            with self.subTest(replication):
                self.cluster.tell("settings", settings={"replication": replication})
                self.cluster.tell("expire")
                old = seen(self.client)
                self.assertEqual(seen(replica), old)
                self.add()
                self.assertEqual(self.stored(), old + 1)
                self.assertEqual((seen(self.client), seen(replica)), (old + by_leader, old + by_replica))
                self.cluster.tell("replicate")
                self.assertEqual(seen(replica), old + later)

    def test_a_restarted_node_has_forgotten_its_lists(self):
        number = self.client.call("defineAttributeListId", cbor.array([cbor.text("n")]))
        self.cluster.tell("restart", node=0)
        self.assertTrue(self.client.closed())
        client = self.connect()
        client.call("defineAttributeListId", cbor.array([cbor.text("m")]))
        self.assertRaises(Error, client.call, "defineAttributeList", cbor.integer(number))

    def test_a_table_that_is_gone_is_asked_about_again(self):
        self.get()
        self.cluster.dynamodb_call("DeleteTable", {"TableName": self.name})
        self.assertRaises(Error, self.get, consistent=True)
        with self.assertRaises(Error) as raised:
            self.client.call("defineKeySchema", self.table)
        self.assertEqual(raised.exception.codes, [4, 37, 38, 39, 41])

    def test_clusters_know_nothing_of_each_other(self):
        other = Cluster()
        self.addCleanup(other.close)
        other.fault("drop", times=-1)
        self.get()
        self.assertEqual(other.counts()["calls"], {})

    def test_the_known_port_stays(self):
        for command in ("away", "deaf"):
            self.assertRaises(RuntimeError, self.cluster.tell, command, cluster=0, node=0)

    def test_a_cluster_goes_with_who_made_it(self):
        other = Cluster()
        client = RawClient(other.nodes[0]["port"])
        self.addCleanup(client.close)
        client.call("endpoints")
        other.close()
        self.assertTrue(client.closed())


if __name__ == "__main__":
    unittest.main()
