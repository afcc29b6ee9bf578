"""What the server refuses: each of these would be a client's mistake that a kinder server hides."""

import unittest

from raw_client import GREETING, NONE, Error, RawClient

import cbor
from steering import Cluster

VALIDATION, NOT_AUTHORIZED = [4, 37, 38, 39, 46], [4, 23, 31, 33]


def parameters(**given):
    return cbor.open_mapping([(cbor.integer(int(number[1:])), value) for number, value in given.items()])


class RefusalTest(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        self.addCleanup(self.cluster.close)
        self.client = self.connect()

    def connect(self, **how):
        client = RawClient(self.cluster.nodes[0]["port"], **how)
        self.addCleanup(client.close)
        return client

    def assert_refused(self, words, call, *arguments):
        """Refused, noted, and the connection goes on."""
        before = len(self.cluster.counts()["refusals"])
        with self.assertRaises(Error) as raised:
            self.client.call(call, *arguments)
        self.assertEqual(raised.exception.codes, VALIDATION, raised.exception.message)
        self.assertIn(words, raised.exception.message)
        self.assertEqual(len(self.cluster.counts()["refusals"]), before + 1)
        self.assertEqual(len(self.client.call("endpoints")), 1)

    def assert_closed(self, client, words):
        self.assertTrue(client.closed())
        self.assertIn(words, self.cluster.counts()["protocol_errors"][-1])


class Connections(RefusalTest):
    def test_a_greeting_of_another_form_is_cut_off(self):
        for place, value, words in (
            (0, cbor.text("J7yne5H"), "begins with"),
            (0, b"GET / HTTP/1.1", "begins with"),
            (1, b"\x01", "layering"),
            (2, b"\x00", "session"),
            (3, b"\xa0", "UserAgent"),
            (4, b"\xf6", "mode"),
        ):
            greeting = [*GREETING[:place], value, *GREETING[place + 1 :]]
            self.assert_closed(self.connect(greeting=b"".join(greeting), authorize=False), words)

    def test_sessions_of_every_client_are_taken(self):
        for session in (cbor.byte_string(b""), cbor.text("0"), cbor.NULL):
            client = self.connect(greeting=b"".join([*GREETING[:2], session, *GREETING[3:]]))
            self.assertEqual(len(client.call("endpoints")), 1)

    def test_a_call_that_is_not_there_is_cut_off(self):
        for data, words in (
            (b"\x02\x01", "service 2"),
            (b"\x01\x18\x2a", "no call 42"),
            (b"\x01\xff", "break"),
            (b"\x01\x61\xff", "UTF-8"),
        ):
            client = self.connect()
            client.send(data)
            self.assert_closed(client, words)

    def test_calls_without_authorization_are_refused_and_the_connection_goes_on(self):
        for how in ({"secret": "wrong"}, {"stamp": "20200101T000000Z"}):
            client = self.connect(authorize=False)
            for _ in range(2):
                with self.assertRaises(Error) as raised:
                    client.call("endpoints")
                self.assertEqual(raised.exception.codes, NOT_AUTHORIZED)
                client.authorize(**how)
            client.authorize()
            self.assertEqual(len(client.call("endpoints")), 1)

    def test_an_authorization_lapses(self):
        self.cluster.tell("settings", settings={"authorization_seconds": 0.0})
        self.client.authorize()
        with self.assertRaises(Error) as raised:
            self.client.call("endpoints")
        self.assertEqual(raised.exception.codes, NOT_AUTHORIZED)

    def test_calls_in_one_segment_and_calls_in_pieces_are_answered_in_order(self):
        call = RawClient.encode("endpoints", [])
        self.client.send(call * 3 + call[:2])
        self.client.send(call[2:])
        for _ in range(4):
            self.assertEqual(len(self.client.reply("endpoints")), 1)

    def test_over_ipv6_the_nodes_have_addresses_of_ipv6(self):
        if not self.cluster.nodes[0]["port_ipv6"]:
            self.skipTest("this machine has no IPv6")
        client = RawClient(self.cluster.nodes[0]["port_ipv6"], host="::1")
        self.addCleanup(client.close)
        (node,) = client.call("endpoints")
        self.assertEqual((node[2], node[3], node[4]), (bytes(15) + b"\x01", self.cluster.nodes[0]["port_ipv6"], 1))


class Calls(RefusalTest):
    def setUp(self):
        super().setUp()
        self.plain, self.ranged = self.cluster.make_table(), self.cluster.make_table(
            range_key=("sk", "N"), index_key=("fp", "S")
        )
        self.table, self.key = cbor.byte_string(self.plain.encode()), cbor.byte_string(b"u")
        self.range_table, self.range_key = cbor.byte_string(self.ranged.encode()), cbor.byte_string(
            bytes.fromhex("6155c21c0010")
        )

    def test_key_schemas_say_names_and_types_in_order(self):
        self.assertEqual(list(self.client.call("defineKeySchema", self.range_table).items()), [("pk", "S"), ("sk", "N")])
        self.assert_refused("byte string", "defineKeySchema", cbor.text(self.plain))
        with self.assertRaises(Error) as raised:
            self.client.call("defineKeySchema", cbor.byte_string(b"no-such-table"))
        self.assertEqual(raised.exception.codes, [4, 37, 38, 39, 41])

    def test_attribute_lists_are_sorted_and_known(self):
        names = cbor.array([cbor.text("n"), cbor.text("name")])
        number = self.client.call("defineAttributeListId", names)
        self.assertEqual(self.client.call("defineAttributeListId", names), number)
        self.assertEqual(self.client.call("defineAttributeList", cbor.integer(number)), ["n", "name"])
        self.assert_refused("not sorted", "defineAttributeListId", cbor.array([cbor.text("name"), cbor.text("n")]))
        self.assert_refused("not sorted", "defineAttributeListId", cbor.array([cbor.text("n"), cbor.text("n")]))
        self.assert_refused("never given out", "defineAttributeList", cbor.integer(number + 1))

    def test_item_values_fit_their_list(self):
        number = self.client.call("defineAttributeListId", cbor.array([cbor.text("n")]))
        of_key = self.client.call("defineAttributeListId", cbor.array([cbor.text("n"), cbor.text("pk")]))
        for values, words in (
            (cbor.integer(99) + b"\x00", "never given out"),
            (cbor.integer(number), "ends before"),
            (cbor.integer(number) + b"\x00\x00", "stray bytes"),
            (cbor.integer(of_key) + b"\x00\x61u", "key attribute"),
            (b"\x01\x00", "stray bytes"),
        ):
            self.assert_refused(words, "putItem", self.table, self.key, cbor.byte_string(values), NONE)
        self.assert_refused("byte string", "putItem", self.table, self.key, cbor.EMPTY_MAP, NONE)

    def test_lists_of_another_node_are_unknown(self):
        cluster = Cluster(2)
        self.addCleanup(cluster.close)
        one, other = (RawClient(node["port"]) for node in cluster.nodes)
        self.addCleanup(one.close)
        self.addCleanup(other.close)
        number = one.call("defineAttributeListId", cbor.array([cbor.text("n")]))
        other.call("defineAttributeListId", cbor.array([cbor.text("m")]))
        self.assertRaises(Error, other.call, "defineAttributeList", cbor.integer(number))

    def test_keys_fit_their_schema(self):
        for table, key, words in (
            (self.table, b"", "something in it"),
            (self.table, b"\xff", "utf-8"),
            (self.range_table, b"\x01\xc2\x1c\x00\x10", "type S"),
            (self.range_table, b"\x61U", "empty"),
            (self.range_table, b"\x61Uabc", "number"),
            (self.range_table, b"\x62U", "ends before"),
        ):
            self.assert_refused(words, "getItem", table, cbor.byte_string(key), NONE)
        self.assert_refused("byte string", "getItem", self.table, cbor.text("u"), NONE)

    def test_parameters_belong_to_their_call(self):
        for call, given, words in (
            ("getItem", {"_13": b"\x01"}, "no parameter 13"),
            ("getItem", {"_2": b"\x61x"}, "wrong type"),
            ("getItem", {"_0": b"\x61a"}, "wrong type"),
            ("getItem", {"_3": b"\x05"}, "no value 5"),
            ("deleteItem", {"_7": b"\x04"}, "does not return ALL_NEW"),
            ("deleteItem", {"_7": b"\x09"}, "no value"),
            ("deleteItem", {"_8": b"\x41a"}, "no parameter 8"),
        ):
            self.assert_refused(words, call, self.table, self.key, parameters(**given))
        self.assert_refused("a map or null", "getItem", self.table, self.key, cbor.EMPTY_ARRAY)

    def test_parameters_may_be_null_empty_or_twice(self):
        twice = b"\xbf\x04\x41x\x04" + cbor.byte_string(bytes.fromhex("8301820c821262706b80")) + b"\xff"
        for given in (cbor.NULL, NONE, cbor.EMPTY_MAP, twice):
            self.assertEqual(self.client.call("deleteItem", self.table, self.key, given), {})

    def test_expressions_are_trees(self):
        for data, words in (
            (b"a = :v", "expression"),
            (bytes.fromhex("83028200"), "expression"),
            (bytes.fromhex("8301820c821262706b8000"), "stray"),
            (bytes.fromhex("8301820c821262706b8105"), "does not use"),
        ):
            self.assert_refused(words, "deleteItem", self.table, self.key, parameters(_4=cbor.byte_string(data)))
        self.assert_refused("has a key condition", "query", self.table, cbor.NULL, NONE)

    def test_the_start_key_of_an_index_is_an_indefinite_map(self):
        condition = cbor.byte_string(bytes.fromhex("830183008212626670821100816166"))
        definite = cbor.byte_string(bytes.fromhex("a3626670616662706b6155" "62736b0a"))
        self.assert_refused(
            "indefinite", "query", self.range_table, condition, parameters(_11=cbor.byte_string(b"gsi1"), _9=definite)
        )

    def test_batches_have_their_forms(self):
        name = cbor.text(self.plain)
        for wanted, words in (
            (cbor.array([cbor.FALSE, cbor.NULL]), "consistent read"),
            (cbor.array([cbor.FALSE, cbor.NULL, cbor.array([])]), "no keys"),
            (cbor.array([cbor.FALSE, cbor.NULL, cbor.array([self.key, self.key])]), "twice"),
        ):
            self.assert_refused(words, "batchGetItem", cbor.mapping([(name, wanted)]), NONE)
        self.assert_refused("map of table names", "batchGetItem", cbor.mapping([(self.table, wanted)]), NONE)
        for writes, words in (
            ([], "in turn"),
            ([self.key], "in turn"),
            ([self.key, cbor.NULL] * 2, "two of one item"),
            ([part for place in range(26) for part in (cbor.byte_string(b"%d" % place), cbor.NULL)], "more than 25"),
        ):
            self.assert_refused(words, "batchWriteItem", cbor.mapping([(name, cbor.array(writes))]), NONE)

    def transact(
        self,
        words,
        operation=2,
        values=b"\x41\x01",
        returned=cbor.NULL,
        condition=cbor.NULL,
        update=cbor.NULL,
        failure=b"\x01",
    ):
        one = lambda value: cbor.array([value])
        self.assert_refused(
            words,
            "transactWriteItems",
            one(cbor.integer(operation)),
            one(self.table),
            one(self.key),
            one(values),
            returned,
            one(failure),
            one(condition),
            one(update),
            NONE,
        )

    def test_transactions_have_their_forms(self):
        self.transact("no operation 3", operation=3)
        self.transact("byte string", values=cbor.NULL)
        self.transact("values belong", operation=7)
        self.transact("without a condition", operation=12, values=cbor.NULL)
        self.transact("no return values", returned=cbor.array([b"\x01"]))
        self.transact("on failure", failure=b"\x03")
        self.transact("update expression", operation=9, values=cbor.NULL)
        self.assert_refused(
            "2 keys for 1", "transactGetItems", cbor.array([self.table]), cbor.array([self.key] * 2), cbor.NULL, NONE
        )
        self.assert_refused("no keys", "transactGetItems", cbor.array([self.table]), cbor.NULL, cbor.NULL, NONE)


if __name__ == "__main__":
    unittest.main()
