"""The official client against what a cluster does: nodes, roles, TLS, authorization, faults."""

import os
import unittest

from official import OfficialTest

KEY = {"pk": {"S": "u"}}


class ClusterTest(OfficialTest):
    def setUp(self):
        super().setUp()
        self.table = self.cluster.make_table()

    def put(self, dax, value="v"):
        dax.put_item(TableName=self.table, Item={**KEY, "v": {"S": value}})

    def get(self, dax, **arguments):
        return dax.get_item(TableName=self.table, Key=KEY, **arguments).get("Item", {}).get("v", {}).get("S")

    def calls(self, name):
        return [node["calls"].get(name, 0) for node in self.cluster.tell("counts")["nodes"]]


class OneNode(ClusterTest):
    def test_a_cached_get_does_not_reach_dynamodb(self):
        dax = self.open()
        self.put(dax)
        self.cluster.tell("reset")
        self.assertEqual([self.get(dax) for _ in range(3)], ["v"] * 3)
        counts = self.cluster.counts()
        self.assertEqual((counts["calls"]["getItem"], counts["hits"], counts["dynamodb"]), (3, {"item": 3}, {}))

    def test_what_is_written_past_the_cache_shows_in_consistent_reads_only(self):
        dax = self.open()
        self.put(dax, "old")
        self.cluster.dynamodb_call("PutItem", {"TableName": self.table, "Item": {**KEY, "v": {"S": "new"}}})
        self.assertEqual((self.get(dax), self.get(dax, ConsistentRead=True), self.get(dax)), ("old", "new", "old"))
        self.cluster.tell("expire", what="items")
        self.assertEqual(self.get(dax), "new")

    def test_that_there_is_no_item_is_cached_too(self):
        dax = self.open()
        self.assertIsNone(self.get(dax))
        self.cluster.dynamodb_call("PutItem", {"TableName": self.table, "Item": {**KEY, "v": {"S": "new"}}})
        self.assertIsNone(self.get(dax))

    def test_an_item_that_may_not_be_kept_is_asked_for_again(self):
        self.cluster.tell("settings", settings={"item_seconds": 0})
        dax = self.open()
        self.put(dax)
        self.assertEqual((self.get(dax), self.cluster.counts()["dynamodb"].get("GetItem")), ("v", 1))

    def test_replies_in_other_forms_mean_the_same(self):
        for form in ({"maps": "indefinite"}, {"empty": "null"}):
            self.cluster.tell("settings", settings={"maps": "definite", "empty": "map", **form})
            dax = self.open()
            self.put(dax)
            self.assertEqual((self.get(dax), self.get(dax, ConsistentRead=True)), ("v", "v"))

    def test_a_reply_comes_one_byte_at_a_time(self):
        dax = self.open()
        for call in ("endpoints", "defineKeySchema", "defineAttributeListId", "putItem", "getItem"):
            self.cluster.fault("trickle", call=call, times=-1)
        self.put(dax)
        self.assertEqual(self.get(dax), "v")

    def test_a_throttled_call_is_repeated(self):
        dax = self.open()
        self.cluster.fault("throttle", call="putItem", times=2)
        self.put(dax)
        self.assertEqual(self.calls("putItem"), [3])

    def test_a_call_that_lost_its_authorization_is_repeated(self):
        dax = self.open()
        self.put(dax)
        self.cluster.tell("deauthorize")
        self.assertEqual(self.get(dax), "v")

    def test_a_wrong_secret_is_told_at_once(self):
        with self.assertRaises(Exception) as raised:
            self.open(aws_secret_access_key="wrong")
        self.assertIn("signature", str(raised.exception))

    def test_a_dropped_call_may_have_been_done(self):
        dax = self.open()
        for after, wanted in ((False, 1), (True, 2)):
            self.cluster.dynamodb_call("DeleteItem", {"TableName": self.table, "Key": KEY})
            self.cluster.fault("drop", call="updateItem", after=after)
            # This client repeats a write whose connection broke.
            dax.update_item(
                TableName=self.table, Key=KEY, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}}
            )
            found = dax.get_item(TableName=self.table, Key=KEY, ConsistentRead=True)["Item"]
            self.assertEqual(found["n"], {"N": str(wanted)})

    def test_a_node_that_was_restarted_gives_its_lists_anew(self):
        dax = self.open()
        self.put(dax)
        self.cluster.tell("restart", node=0)
        self.assertEqual(self.get(self.open()), "v")
        self.assert_clean()

    def test_the_cluster_is_reached_over_tls(self):
        os.environ["SSL_CERT_FILE"] = self.cluster.authority
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
        for host in ("127.0.0.1", "localhost"):
            dax = self.open(self.cluster.tls_endpoint(host=host))
            self.put(dax, host)
            self.assertEqual(self.get(dax), host)
        self.assert_clean()

    def test_a_certificate_for_another_name_is_refused(self):
        from steering import Cluster

        other = Cluster(misnamed=True)
        self.addCleanup(other.close)
        os.environ["SSL_CERT_FILE"] = other.authority
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE")
        with self.assertRaises(Exception):
            self.open(other.tls_endpoint())
        self.assertEqual(other.counts()["calls"], {})


class ThreeNodes(ClusterTest):
    NODES = 3

    def test_writes_go_to_the_leader_and_reads_to_all(self):
        dax = self.open()
        self.put(dax)
        for _ in range(40):
            self.assertEqual(self.get(dax), "v")
        self.assertEqual(self.calls("putItem"), [1, 0, 0])
        self.assertTrue(all(self.calls("getItem")))
        self.assert_clean()

    def test_another_leader_is_found_by_a_new_client(self):
        self.cluster.tell("leader", node=2)
        self.put(self.open())
        self.assertEqual(self.calls("putItem"), [0, 0, 1])

    def test_a_replica_shows_a_held_write_later(self):
        self.cluster.tell("settings", settings={"replication": "held"})
        dax = self.open()
        self.put(dax, "old")
        self.cluster.tell("replicate")
        self.put(dax, "new")
        self.assertEqual({self.get(dax) for _ in range(60)}, {"old", "new"})
        self.cluster.tell("replicate")
        self.assertEqual({self.get(dax) for _ in range(60)}, {"new"})

    def test_a_node_that_is_away_is_done_without(self):
        self.cluster.tell("away", node=1)
        dax = self.open()
        self.put(dax)
        self.assertEqual({self.get(dax) for _ in range(20)}, {"v"})
        self.assertEqual(self.calls("getItem")[1], 0)
        self.cluster.tell("back", node=1)
        second = self.open()
        self.assertEqual({self.get(second) for _ in range(60)}, {"v"})
        self.assertTrue(self.calls("getItem")[1])


if __name__ == "__main__":
    unittest.main()
