"""The official client's queries, scans, batches and transactions."""

import secrets
import unittest

from official import ClientError, OfficialTest


def key(place, user="u"):
    return {"pk": {"S": user}, "sk": {"N": str(place)}}


def item(place, user="u"):
    return {**key(place, user), "fp": {"S": f"f{place % 2}"}, "v": {"L": [{"N": str(place)}, {"S": "x" * place}]}}


class Ranges(OfficialTest):
    def setUp(self):
        super().setUp()
        self.table = self.cluster.make_table(range_key=("sk", "N"), index_key=("fp", "S"))
        self.dax = self.open()
        for place in range(7):
            self.dax.put_item(TableName=self.table, Item=item(place))

    def tearDown(self):
        self.assert_clean()

    def pages(self, call, **arguments):
        found, start = [], {}
        while True:
            reply = call(TableName=self.table, **arguments, **start)
            found += reply["Items"]
            if "LastEvaluatedKey" not in reply:
                return found
            start = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}

    def query(self, text="pk = :p", more=None, **arguments):
        return self.pages(
            self.dax.query,
            KeyConditionExpression=text,
            ExpressionAttributeValues={":p": {"S": "u"}, **(more or {})},
            **arguments,
        )

    def test_a_query_gives_its_items_in_order_page_by_page(self):
        for consistent in (False, True):
            for limit in (1, 3, 100):
                self.assertEqual(self.query(ConsistentRead=consistent, Limit=limit), [item(place) for place in range(7)])
        self.assertEqual(self.query(ScanIndexForward=False, Limit=4), [item(place) for place in reversed(range(7))])

    def test_a_query_takes_bounds_on_the_range_key(self):
        bounds = {":a": {"N": "2"}, ":b": {"N": "4"}}
        self.assertEqual(self.query("pk = :p AND sk BETWEEN :a AND :b", bounds), [item(place) for place in (2, 3, 4)])
        self.assertEqual(self.query("pk = :p AND sk < :a", {":a": {"N": "2"}}), [item(0), item(1)])

    def test_a_query_filters_projects_and_counts(self):
        found = self.query(FilterExpression="size(v[1]) >= :n", more={":n": {"N": "5"}}, ProjectionExpression="v[0], sk")
        self.assertEqual(found, [{"v": {"L": [{"N": str(place)}]}, "sk": {"N": str(place)}} for place in (5, 6)])
        reply = self.dax.query(
            TableName=self.table,
            KeyConditionExpression="pk = :p",
            Select="COUNT",
            ExpressionAttributeValues={":p": {"S": "u"}},
        )
        self.assertEqual((reply["Count"], reply["ScannedCount"], "Items" in reply), (7, 7, False))

    def test_an_index_is_queried_page_by_page(self):
        found = self.pages(
            self.dax.query,
            IndexName="gsi1",
            KeyConditionExpression="fp = :f",
            Limit=1,
            ExpressionAttributeValues={":f": {"S": "f1"}},
        )
        self.assertCountEqual([entry["sk"]["N"] for entry in found], ["1", "3", "5"])

    def test_a_scan_sees_everything_in_its_segments(self):
        whole = self.pages(self.dax.scan, Limit=2)
        self.assertEqual(sorted(entry["sk"]["N"] for entry in whole), list("0123456"))
        parts = [
            entry["sk"]["N"]
            for segment in range(3)
            for entry in self.pages(self.dax.scan, Segment=segment, TotalSegments=3, ConsistentRead=True)
        ]
        self.assertEqual(sorted(parts), list("0123456"))
        self.assertCountEqual(self.pages(self.dax.scan, IndexName="gsi1", Limit=3), [item(place) for place in range(7)])

    def test_a_query_is_answered_from_its_cache_until_that_expires(self):
        self.query()
        self.dax.put_item(TableName=self.table, Item=item(7))
        self.assertEqual(len(self.query()), 7)
        self.assertEqual(len(self.query(ConsistentRead=True)), 8)
        self.cluster.tell("expire", what="queries")
        self.assertEqual(len(self.query()), 8)


class Batches(OfficialTest):
    def setUp(self):
        super().setUp()
        self.table, self.other = self.cluster.make_table(range_key=("sk", "N")), self.cluster.make_table()
        self.dax = self.open()

    def tearDown(self):
        self.assert_clean()

    def write(self, **tables):
        return self.dax.batch_write_item(RequestItems=tables)["UnprocessedItems"]

    def test_what_a_batch_wrote_a_batch_reads(self):
        puts = [{"PutRequest": {"Item": item(place)}} for place in range(3)]
        self.assertEqual(self.write(**{self.table: puts, self.other: [{"PutRequest": {"Item": {"pk": {"S": "o"}}}}]}), {})
        self.assertEqual(self.write(**{self.table: [{"DeleteRequest": {"Key": key(1)}}]}), {})
        for consistent in (False, True):
            reply = self.dax.batch_get_item(
                RequestItems={
                    self.table: {"Keys": [key(0), key(1), key(2)], "ConsistentRead": consistent},
                    self.other: {"Keys": [{"pk": {"S": "o"}}], "ConsistentRead": consistent},
                }
            )
            self.assertEqual(reply["Responses"], {self.table: [item(0), item(2)], self.other: [{"pk": {"S": "o"}}]})
            self.assertEqual(reply["UnprocessedKeys"], {})

    def test_a_batch_reads_the_cache_unless_it_asks_for_consistency(self):
        self.write(**{self.table: [{"PutRequest": {"Item": item(1)}}]})
        self.cluster.dynamodb_call("DeleteItem", {"TableName": self.table, "Key": key(1)})
        for consistent, wanted in ((False, [item(1)]), (True, []), (False, [item(1)])):
            reply = self.dax.batch_get_item(RequestItems={self.table: {"Keys": [key(1)], "ConsistentRead": consistent}})
            self.assertEqual(reply["Responses"].get(self.table, []), wanted)

    def test_a_batch_projects(self):
        self.write(**{self.table: [{"PutRequest": {"Item": item(2)}}]})
        reply = self.dax.batch_get_item(RequestItems={self.table: {"Keys": [key(2)], "ProjectionExpression": "v[1], fp"}})
        self.assertEqual(reply["Responses"][self.table], [{"v": {"L": [{"S": "xx"}]}, "fp": {"S": "f0"}}])

    def test_what_was_left_of_a_batch_comes_back(self):
        self.cluster.fault("unprocessed", call="batchWriteItem", keep=1)
        left = self.write(
            **{
                self.table: [
                    {"PutRequest": {"Item": item(0)}},
                    {"PutRequest": {"Item": item(1)}},
                    {"DeleteRequest": {"Key": key(2)}},
                ]
            }
        )
        # This client forgets the key of a put that was left.
        attributes = {name: value for name, value in item(1).items() if name not in key(1)}
        self.assertEqual(left, {self.table: [{"PutRequest": {"Item": attributes}}, {"DeleteRequest": {"Key": key(2)}}]})
        self.assertEqual(self.write(**{self.table: [{"PutRequest": {"Item": item(1)}}]}), {})
        self.cluster.tell("expire")
        self.cluster.fault("unprocessed", call="batchGetItem", keep=1)
        reply = self.dax.batch_get_item(RequestItems={self.table: {"Keys": [key(0), key(1)]}})
        self.assertEqual(reply["Responses"], {self.table: [item(0)]})
        self.assertEqual(reply["UnprocessedKeys"][self.table]["Keys"], [key(1)])


class Transactions(OfficialTest):
    def setUp(self):
        super().setUp()
        self.table = self.cluster.make_table(range_key=("sk", "N"))
        self.dax = self.open()
        self.dax.put_item(TableName=self.table, Item=item(1))

    def tearDown(self):
        self.assert_clean()

    def of(self, kind, place, **fields):
        return {kind: {"TableName": self.table, "Key": key(place), **fields}}

    def put(self, place, **fields):
        return {"Put": {"TableName": self.table, "Item": item(place), **fields}}

    def get(self, *places, **fields):
        wanted = [self.of("Get", place, **fields) for place in places]
        return [entry.get("Item") for entry in self.dax.transact_get_items(TransactItems=wanted)["Responses"]]

    def test_every_operation_of_a_transaction_is_done(self):
        self.dax.put_item(TableName=self.table, Item=item(3))
        self.dax.transact_write_items(
            ClientRequestToken=secrets.token_hex(8),
            TransactItems=[
                self.put(2, ConditionExpression="attribute_not_exists(pk)"),
                self.of("Update", 1, UpdateExpression="SET a = :v", ExpressionAttributeValues={":v": {"N": "7"}}),
                self.of("Delete", 3),
                self.of("ConditionCheck", 4, ConditionExpression="attribute_not_exists(pk)"),
            ],
        )
        wanted = [{**item(1), "a": {"N": "7"}}, item(2), None]
        self.assertEqual(self.get(1, 2, 3), wanted)
        for place, expected in zip((1, 2, 3), wanted):
            self.assertEqual(self.dax.get_item(TableName=self.table, Key=key(place)).get("Item"), expected)

    def test_a_transaction_reads_with_projections(self):
        self.assertEqual(
            self.get(1, 9, ProjectionExpression="v[1], fp"), [{"v": {"L": [{"S": "x"}]}, "fp": {"S": "f1"}}, None]
        )

    def test_a_refused_transaction_writes_nothing(self):
        with self.assertRaises(ClientError) as raised:
            self.dax.transact_write_items(
                TransactItems=[
                    self.put(5),
                    self.put(
                        1, ConditionExpression="attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure="ALL_OLD"
                    ),
                ]
            )
        self.assertEqual(raised.exception.response["Error"]["Code"], "TransactionCanceledException")
        # This client hands on the flat list of codes, messages and items as it came.
        reasons = raised.exception.cancellation_reasons
        self.assertEqual((reasons[0], reasons[3]), ("None", "ConditionalCheckFailed"))
        self.assertIsInstance(reasons[5], bytes)
        self.assertEqual(self.get(5), [None])

    def test_a_token_stands_for_one_transaction(self):
        add = self.of("Update", 1, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}})
        token = secrets.token_hex(8)
        for _ in range(2):
            self.dax.transact_write_items(ClientRequestToken=token, TransactItems=[add])
        self.assertEqual(self.get(1), [{**item(1), "n": {"N": "1"}}])


if __name__ == "__main__":
    unittest.main()
