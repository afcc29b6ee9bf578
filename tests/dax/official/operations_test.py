"""Every operation of the official client, on the server that our client is tested with."""

import json
import unittest
from decimal import Decimal
from pathlib import Path

from official import OfficialTest

VECTORS = Path(__file__).parents[1] / "dax-vectors.json"
WHOLE = {
    "s": {"S": "text \U0001f600"},
    "empty": {"S": ""},
    "n": {"N": "-12.50"},
    "b": {"B": b"\x00\xff"},
    "t": {"BOOL": True},
    "f": {"BOOL": False},
    "z": {"NULL": True},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.5"]},
    "bs": {"BS": [b"x", b"y"]},
    "l": {"L": [{"S": "a"}, {"N": "1"}, {"L": []}, {"M": {}}]},
    "m": {"M": {"x": {"M": {}}, "y": {"N": "1"}}},
    "name with . and [": {"S": "odd"},
    "größe": {"N": "1"},
}


def plain(item):
    """For comparison: numbers by value, sets without an order."""

    def value(found):
        ((kind, content),) = found.items()
        if kind == "N":
            return kind, Decimal(content)
        if kind == "NS":
            return kind, frozenset(map(Decimal, content))
        if kind in ("SS", "BS"):
            return kind, frozenset(content)
        if kind == "L":
            return kind, [value(element) for element in content]
        if kind == "M":
            return kind, {name: value(element) for name, element in content.items()}
        return kind, content

    return value({"M": item})[1]


class Items(OfficialTest):
    def setUp(self):
        super().setUp()
        self.table = self.cluster.make_table()
        self.dax = self.open()
        self.key = {"pk": {"S": "u1"}}

    def tearDown(self):
        self.assert_clean()

    def put(self, **attributes):
        self.dax.put_item(TableName=self.table, Item={**self.key, **attributes})

    def get(self, consistent=False, **arguments):
        return self.dax.get_item(TableName=self.table, Key=self.key, ConsistentRead=consistent, **arguments).get("Item")

    def test_an_item_of_every_type_comes_back_from_the_cache_and_from_dynamodb(self):
        self.put(**WHOLE)
        for consistent in (False, True):
            self.assertEqual(plain(self.get(consistent)), plain({**self.key, **WHOLE}))
        direct = self.cluster.dynamodb_call("GetItem", {"TableName": self.table, "Key": self.key})["Item"]
        self.assertEqual(set(direct), {"pk", *WHOLE})

    def test_a_missing_item_and_one_with_nothing_but_its_key_are_told_apart(self):
        self.assertIsNone(self.get())
        self.put()
        self.assertEqual(self.get(), self.key)
        self.assertEqual(self.get(consistent=True), self.key)

    def test_put_returns_the_old_item_when_asked(self):
        self.put(n={"N": "1"})
        reply = self.dax.put_item(TableName=self.table, Item={**self.key, "n": {"N": "2"}}, ReturnValues="ALL_OLD")
        self.assertEqual(reply["Attributes"], {**self.key, "n": {"N": "1"}})

    def test_a_refused_condition_says_so_and_changes_nothing(self):
        self.put(n={"N": "1"})
        self.assert_error(
            "ConditionalCheckFailedException",
            self.dax.put_item,
            TableName=self.table,
            Item=self.key,
            ConditionExpression="attribute_not_exists(pk)",
        )
        self.assertEqual(self.get(), {**self.key, "n": {"N": "1"}})

    def test_an_update_returns_what_was_asked_for(self):
        def update(returned):
            return self.dax.update_item(
                TableName=self.table,
                Key=self.key,
                ReturnValues=returned,
                UpdateExpression="SET n = n + :d REMOVE #gone ADD cnt :d",
                ExpressionAttributeNames={"#gone": "name"},
                ExpressionAttributeValues={":d": {"N": "1"}},
            ).get("Attributes")

        for returned, wanted in (
            ("ALL_OLD", {**self.key, "n": {"N": "1"}, "name": {"S": "x"}, "other": {"S": "o"}}),
            ("ALL_NEW", {**self.key, "n": {"N": "2"}, "cnt": {"N": "1"}, "other": {"S": "o"}}),
            ("UPDATED_OLD", {"n": {"N": "1"}, "name": {"S": "x"}}),
            ("UPDATED_NEW", {"n": {"N": "2"}, "cnt": {"N": "1"}}),
            ("NONE", None),
        ):
            with self.subTest(returned):
                self.put(n={"N": "1"}, name={"S": "x"}, other={"S": "o"})
                self.assertEqual(update(returned), wanted)
                self.assertEqual(self.get(), {**self.key, "n": {"N": "2"}, "cnt": {"N": "1"}, "other": {"S": "o"}})

    def test_every_action_of_an_update_arrives(self):
        self.put(
            l={"L": [{"S": "a"}]},
            r={"L": [{"S": "x"}, {"S": "y"}]},
            m={"M": {"k": {"L": [{"N": "0"}, {"N": "0"}]}}},
            ss={"SS": ["a", "b"]},
        )
        self.dax.update_item(
            TableName=self.table,
            Key=self.key,
            UpdateExpression="SET m.#k[1] = :v, l = list_append(if_not_exists(l, :e), :more), d = if_not_exists(d, :v) - :one "
            "REMOVE r[0] ADD cnt :one, ns :ns DELETE ss :gone",
            ExpressionAttributeNames={"#k": "k"},
            ExpressionAttributeValues={
                ":v": {"N": "7"},
                ":e": {"L": []},
                ":more": {"L": [{"S": "c"}]},
                ":one": {"N": "1"},
                ":ns": {"NS": ["3"]},
                ":gone": {"SS": ["a"]},
            },
        )
        self.assertEqual(
            plain(self.get(consistent=True)),
            plain(
                {
                    **self.key,
                    "m": {"M": {"k": {"L": [{"N": "0"}, {"N": "7"}]}}},
                    "l": {"L": [{"S": "a"}, {"S": "c"}]},
                    "r": {"L": [{"S": "y"}]},
                    "d": {"N": "6"},
                    "cnt": {"N": "1"},
                    "ns": {"NS": ["3"]},
                    "ss": {"SS": ["b"]},
                }
            ),
        )

    def test_delete_returns_the_old_item_and_leaves_none(self):
        self.put(n={"N": "1"})
        reply = self.dax.delete_item(TableName=self.table, Key=self.key, ReturnValues="ALL_OLD")
        self.assertEqual(reply["Attributes"], {**self.key, "n": {"N": "1"}})
        self.assertIsNone(self.get())
        self.assertNotIn("Attributes", self.dax.delete_item(TableName=self.table, Key=self.key, ReturnValues="ALL_OLD"))

    def test_a_projection_has_what_is_there_of_it(self):
        self.put(m={"M": {"y": {"N": "1"}, "z": {"N": "2"}}}, l={"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]}, n={"N": "3.14"})
        for consistent in (False, True):
            found = self.get(
                consistent, ProjectionExpression="m.y, #l[2], #l[0], n, gone.x", ExpressionAttributeNames={"#l": "l"}
            )
            self.assertEqual(
                found, {"m": {"M": {"y": {"N": "1"}}}, "l": {"L": [{"N": "0"}, {"N": "2"}]}, "n": {"N": "3.14"}}
            )

    def test_conditions_mean_what_dynamodb_says(self):
        self.put(a={"N": "5"}, s={"S": "hello"}, l={"L": [{"S": "x"}]})
        values = {":4": {"N": "4"}, ":5": {"N": "5"}, ":6": {"N": "6"}, ":h": {"S": "he"}, ":t": {"S": "S"}}
        for text, holds in (
            ("a = :5", True),
            ("a <> :5", False),
            ("a < :6", True),
            ("a <= :4", False),
            ("a > :4", True),
            ("a >= :6", False),
            ("a BETWEEN :4 AND :6", True),
            ("a IN (:4, :6)", False),
            ("attribute_exists(l[0])", True),
            ("attribute_not_exists(l[1])", True),
            ("begins_with(s, :h)", True),
            ("contains(s, :h)", True),
            ("attribute_type(s, :t)", True),
            ("size(s) = :5", True),
            ("NOT a = :5", False),
            ("a = :4 OR a = :5 AND NOT a = :6", True),
            ("(a = :4 OR a = :5) AND a = :6", False),
        ):
            with self.subTest(text):
                used = {name: value for name, value in values.items() if name in text}
                arguments = {
                    "TableName": self.table,
                    "Key": self.key,
                    "ConditionExpression": text,
                    "UpdateExpression": "SET seen = :seen",
                    "ExpressionAttributeValues": {**used, ":seen": {"S": text}},
                }
                if holds:
                    self.dax.update_item(**arguments)
                    self.assertEqual(self.get()["seen"], {"S": text})
                else:
                    self.assert_error("ConditionalCheckFailedException", self.dax.update_item, **arguments)

    def test_capacity_is_told_where_it_is_asked_for(self):
        reply = self.dax.put_item(TableName=self.table, Item=self.key, ReturnConsumedCapacity="TOTAL")
        self.assertEqual(reply["ConsumedCapacity"]["TableName"], self.table)
        self.assertIsInstance(reply["ConsumedCapacity"]["CapacityUnits"], float)

    def test_a_table_that_is_not_there_is_named_so(self):
        self.assert_error("ResourceNotFoundException", self.dax.get_item, TableName="no-such-table", Key=self.key)

    def test_what_dynamodb_finds_invalid_comes_back_as_such(self):
        self.assert_error(
            "ValidationException",
            self.dax.update_item,
            TableName=self.table,
            Key=self.key,
            UpdateExpression="SET pk = :v",
            ExpressionAttributeValues={":v": {"S": "x"}},
        )


class Numbers(OfficialTest):
    def test_every_number_survives_the_way_there_and_back(self):
        table, dax = self.cluster.make_table(), self.open()
        texts = [vector["text"] for vector in json.loads(VECTORS.read_text())["numbers"]]
        item = {"pk": {"S": "n"}, **{f"n{place}": {"N": text} for place, text in enumerate(texts)}}
        for form in ("plain", "decimal", "big", "float"):
            self.cluster.tell("settings", settings={"numbers": form})
            dax.put_item(TableName=table, Item=item)
            for consistent in (False, True):
                found = dax.get_item(TableName=table, Key={"pk": {"S": "n"}}, ConsistentRead=consistent)["Item"]
                for place, text in enumerate(texts):
                    self.assertEqual(Decimal(found[f"n{place}"]["N"]), Decimal(text), (form, text))
        self.assert_clean()


class Keys(OfficialTest):
    def test_keys_of_every_type_find_their_item(self):
        for hash_key, range_key, values in (
            (("pk", "S"), None, [{"pk": {"S": "ü"}}]),
            (("id", "N"), None, [{"id": {"N": text}} for text in ("0", "-7", "42", "1.5", "18446744073709551616")]),
            (("bk", "B"), None, [{"bk": {"B": b"\x01\x02"}}]),
            (("pk", "S"), ("sk", "B"), [{"pk": {"S": "p"}, "sk": {"B": b"\xfe\x00"}}]),
            (("id", "N"), ("sk", "S"), [{"id": {"N": "1"}, "sk": {"S": "CARD#1"}}]),
            (
                ("pk", "S"),
                ("sk", "N"),
                [
                    {"pk": {"S": "U"}, "sk": {"N": vector["text"]}}
                    for vector in json.loads(VECTORS.read_text())["lexdecimal"]
                ],
            ),
        ):
            table, dax = self.cluster.make_table(hash_key, range_key), self.open()
            for key in values:
                with self.subTest(key):
                    dax.put_item(TableName=table, Item={**key, "v": {"S": str(key)}})
                    for consistent in (False, True):
                        found = dax.get_item(TableName=table, Key=key, ConsistentRead=consistent)["Item"]
                        self.assertEqual(found["v"], {"S": str(key)})
        self.assert_clean()


if __name__ == "__main__":
    unittest.main()
