"""The server's own reading and writing, against what the official clients made (dax-vectors.json). Needs no server."""

import json
import random
import sys
import unittest
from decimal import Decimal
from pathlib import Path

DAX = Path(__file__).parents[1]
sys.path.insert(0, str(DAX / "server"))

import authorization  # noqa: E402
import cbor  # noqa: E402
import replies  # noqa: E402
from decimals import NotANumber, encode_number, from_sortable, number_text, sortable  # noqa: E402
from errors import Refused, ServiceError, encode_error  # noqa: E402
from expressions import Projection, Renderer  # noqa: E402
from keys import Schema, decode_compound, encode_compound  # noqa: E402
from values import AttributeLists, attribute, encode_attribute  # noqa: E402

VECTORS = json.loads((DAX / "dax-vectors.json").read_text())
SEED = random.SystemRandom().randrange(1 << 32)


class Numbers(unittest.TestCase):
    def test_numbers_are_read_as_every_client_writes_them(self):
        for vector in VECTORS["numbers"]:
            for client in ("python", "js", "go"):
                found = number_text(cbor.unwrap(bytes.fromhex(vector[client])))
                self.assertEqual(Decimal(found), Decimal(vector["text"]), (client, vector))

    def test_numbers_are_written_as_the_python_client_does(self):
        for vector in VECTORS["numbers"]:
            self.assertEqual(encode_number(vector["text"]).hex(), vector["python"], vector)

    def test_sortable_numbers_are_the_clients_bytes_and_come_back(self):
        for vector in VECTORS["lexdecimal"]:
            data = bytes.fromhex(vector["hex"])
            self.assertEqual(sortable(vector["text"]), data, vector)
            self.assertEqual(Decimal(from_sortable(data)), Decimal(vector["text"]), vector)

    def test_sortable_numbers_sort(self):
        rng = random.Random(SEED)
        numbers = {
            Decimal(rng.randrange(-(10 ** rng.randrange(1, 38)), 10 ** rng.randrange(1, 38)))
            .scaleb(rng.randrange(-90, 80))
            .normalize()
            for _ in range(3000)
        }
        ordered = sorted(numbers)
        encoded = [sortable(format(number, "f")) for number in ordered]
        self.assertEqual(encoded, sorted(encoded), f"seed {SEED}")
        self.assertEqual([Decimal(from_sortable(data)) for data in encoded], ordered, f"seed {SEED}")

    def test_bytes_that_no_number_has_are_refused(self):
        for text in (
            "",
            "00",
            "ff",
            "c1",
            "c1b2",
            "c1b20001",
            "c10c0000",
            "c1ffc000",
            "c1b20030",
            "fe8000000100",
            "c11c0ff0",
        ):
            with self.assertRaises(NotANumber, msg=text):
                from_sortable(bytes.fromhex(text))


class Cbor(unittest.TestCase):
    def test_a_value_can_be_cut_anywhere(self):
        whole = bytes.fromhex("a26178a0617983019f01ff5903e8") + bytes(1000)
        for size in range(len(whole)):
            with self.assertRaises(cbor.NeedMore):
                cbor.Reader(whole[:size]).value()
            with self.assertRaises(cbor.Malformed):
                cbor.unwrap(whole[:size])
        self.assertEqual(cbor.Reader(whole).value(), {"x": {}, "y": [1, [1], bytes(1000)]})

    def test_bytes_that_are_no_value_are_malformed(self):
        for text in (
            "ff",
            "1c",
            "1f",
            "5f",
            "7f",
            "61ff",
            "c200",
            "c301",
            "c401",
            "c48201f6",
            "f8ff",
            "e0",
            "a1f600",
            "0000",
        ):
            with self.assertRaises(cbor.Malformed, msg=text):
                cbor.unwrap(bytes.fromhex(text))

    def test_depth_is_bounded(self):
        with self.assertRaises(cbor.Malformed):
            cbor.unwrap(b"\x81" * 1000 + b"\x00")


class Values(unittest.TestCase):
    def test_every_type_comes_back(self):
        for value in (
            {"S": ""},
            {"B": "AP8="},
            {"BOOL": True},
            {"NULL": True},
            {"L": [{"S": "a"}, {"N": "1"}, {"L": []}]},
            {"M": {"x": {"M": {}}, "y": {"N": "1.50"}}},
            {"SS": ["a"]},
            {"NS": ["1", "2.5"]},
            {"BS": ["eA=="]},
        ):
            self.assertEqual(attribute(cbor.unwrap(encode_attribute(value))), value)

    def test_values_that_dynamodb_has_not_are_refused(self):
        for text in ("d90cf980", "d90cf98101", "d90cfa816161", "d90cfc01", "a10101", "f97e00", "fb7ff0000000000000", "c100"):
            with self.assertRaises(Refused, msg=text):
                attribute(cbor.unwrap(bytes.fromhex(text)))

    def test_items_are_read_by_their_list(self):
        lists = AttributeLists(2)
        self.assertEqual(lists.define(["n", "name"]), 2)
        self.assertEqual(lists.decode(bytes.fromhex("02182a63416e6e")), {"n": {"N": "42"}, "name": {"S": "Ann"}})
        self.assertEqual(
            lists.encode({"pk": {"S": "u1"}, "name": {"S": "Ann"}, "n": {"N": "42"}}, {"pk"}).hex(), "02182a63416e6e"
        )
        self.assertEqual(lists.encode({"pk": {"S": "u1"}}, {"pk"}), b"\x01")
        self.assertEqual(lists.encode_some({"n": {"N": "42"}}, ["name"]).hex(), "02a100182a")
        for wrong in (["name", "n"], ["n", "n"], ["\U00010000", "\uffff"], "n", [1]):
            with self.assertRaises(Refused):
                lists.define(wrong)


class Keys(unittest.TestCase):
    def test_keys_have_the_bytes_of_the_clients(self):
        for parts, key, data in (
            ([("pk", "S")], {"pk": {"S": "u1"}}, "7531"),
            ([("id", "N")], {"id": {"N": "42"}}, "182a"),
            ([("id", "N")], {"id": {"N": "1.5"}}, "c482200f"),
            ([("bk", "B")], {"bk": {"B": "AQI="}}, "0102"),
            ([("pk", "S"), ("sk", "S")], {"pk": {"S": "USER#1"}, "sk": {"S": "CARD#1"}}, "66555345522331434152442331"),
            ([("pk", "S"), ("sk", "N")], {"pk": {"S": "U"}, "sk": {"N": "10"}}, "6155c21c0010"),
            ([("pk", "S"), ("sk", "B")], {"pk": {"S": "p"}, "sk": {"B": "/gA="}}, "6170fe00"),
            ([("id", "N"), ("sk", "N")], {"id": {"N": "1"}, "sk": {"N": "-123.456"}}, "013cde22bff4"),
        ):
            schema = Schema("T", parts)
            self.assertEqual(schema.encode(key).hex(), data)
            self.assertEqual(schema.decode(bytes.fromhex(data)), key)

    def test_keys_of_another_type_are_refused(self):
        for parts, data in (
            ([("pk", "S")], "ff"),
            ([("pk", "S")], ""),
            ([("id", "N")], "182a00"),
            ([("id", "N")], "6161"),
            ([("pk", "S"), ("sk", "S")], "6161"),
            ([("pk", "S"), ("sk", "S")], "0161"),
            ([("pk", "S"), ("sk", "N")], "616161"),
            ([("pk", "B"), ("sk", "S")], "616161"),
        ):
            with self.assertRaises(Refused, msg=(parts, data)):
                Schema("T", parts).decode(bytes.fromhex(data))

    def test_two_spellings_are_one_key_to_dynamodb(self):
        schema = Schema("T", [("pk", "S"), ("sk", "N")])
        one, other = ({"pk": {"S": "p"}, "sk": {"N": text}} for text in ("1", "1.0"))
        self.assertNotEqual(schema.encode(one), schema.encode(other))
        self.assertEqual(schema.identity(one), schema.identity(other))

    def test_the_key_of_an_index_is_an_indefinite_map(self):
        data = "bf626670626631" "62706b66555345522331" "62736b66434152442331" "ff"
        key = {"fp": {"S": "f1"}, "pk": {"S": "USER#1"}, "sk": {"S": "CARD#1"}}
        self.assertEqual(decode_compound(bytes.fromhex(data)), key)
        self.assertEqual(encode_compound(key).hex(), data)
        with self.assertRaises(Refused):
            decode_compound(bytes.fromhex("a1626670626631"))


class Expressions(unittest.TestCase):
    def rendered(self, kind, data):
        renderer = Renderer()
        if kind == "Projection":
            return ", ".join(".".join(map(str, path)) for path in Projection(data).paths)
        text = renderer.update(data)[0] if kind == "Update" else renderer.condition(data)
        for placeholder, name in sorted(renderer.names.items(), reverse=True):
            text = text.replace(placeholder, name)
        return text, list(renderer.values.values())

    def test_the_trees_of_both_clients_are_understood(self):
        understood = 0
        for vector in VECTORS["expressions"]:
            for client in ("python", "js"):
                if vector.get(client):
                    self.rendered(vector["kind"], bytes.fromhex(vector[client]))
                    understood += 1
        self.assertGreater(understood, 30)

    def test_a_tree_says_what_its_text_said(self):
        for data, text, values in (
            ("83018300821261618211008105", "a = :v0", [5]),
            ("83018303821261618211008105", "a >= :v0", [5]),
            ("83018305821261618211008105", "a <= :v0", [5]),
            ("8301820c8412646e616d656162d90cfc0080", "attribute_not_exists(name.b[0])", []),
            ("830183048210821261618211008103", "size(a) > :v0", [3]),
            ("830183068200820012", None, None),
            ("830183068208830082126161821100830082126162821101820102", "(NOT (a = :v0)) AND (b = :v1)", [1, 2]),
            (
                "83018307830082126161821100830683008212616282110183008212616382110283010203",
                "(a = :v0) OR ((b = :v1) AND (c = :v2))",
                [1, 2, 3],
            ),
        ):
            with self.subTest(data):
                kind, data = "Condition", bytes.fromhex(data)
                if text is None:
                    self.assertRaises(Refused, self.rendered, kind, data)
                else:
                    self.assertEqual(self.rendered(kind, data), (text, [{"N": str(value)} for value in values]))

    def test_actions_are_gathered_by_their_word(self):
        for data, text in (
            ("8301828216821261618313821261628212616380", "REMOVE a SET b = c"),
            (
                "83018183138212616c83181883178212616c8211008211018280816178",
                "SET l = list_append(if_not_exists(l, :v0), :v1)",
            ),
            ("8301828313821261618318198212616182110083138212616283181a82126162821101820102", "SET a = a + :v0, b = b - :v1"),
        ):
            self.assertEqual(self.rendered("Update", bytes.fromhex(data))[0], text)

    def test_trees_that_no_client_makes_are_refused(self):
        path, value = [18, "a"], [17, 0]

        def encode(found):
            if isinstance(found, list):
                return cbor.array([encode(part) for part in found])
            return cbor.text(found) if isinstance(found, str) else cbor.integer(found)

        for tree in (
            [1, [0, path, [17, 1]], [5]],
            [1, [0, path, value], [5, 6]],
            [1, [0, path], [5]],
            [2, [0, path, value], [5]],
            [1, [0, path, value]],
            [1, [27, path, value], [5]],
            [1, [23, path, value], [5]],
            [1, [11, value], [5]],
            [1, [16, path], []],
            [1, [0, [18], value], [5]],
            [1, [0, [18, 3], value], [5]],
            [1, [10, path, []], []],
            [1, "a", []],
            [1, [], []],
        ):
            with self.assertRaises(Refused, msg=tree):
                Renderer().condition(encode(tree))
        for tree in (
            [1, [19, path, value], [5]],
            [1, [[0, path, value]], [5]],
            [1, [[20, path, path]], []],
            [1, [], []],
            [1, [[22, path, value]], [5]],
            [1, [[19, path, [16, path]]], []],
            [1, [[19, path, [25, [25, value, value], value]]], [5]],
        ):
            with self.assertRaises(Refused, msg=tree):
                Renderer().update(encode(tree))
        for tree in ([1, []], [1, [path, [18, "a", "b"]]], [1, [path, path]], [1, path], [1, [[17, 0]]]):
            with self.assertRaises(Refused, msg=tree):
                Projection(encode(tree))

    def test_a_projection_finds_what_is_there(self):
        projection = Projection(bytes.fromhex("8201838212616d8412616cd90cfc0161798312616cd90cfc03"))
        item = {"l": {"L": [{"S": "0"}, {"M": {"y": {"N": "1"}}}]}, "m": {"S": "text"}}
        self.assertEqual(projection.of(item), {0: {"S": "text"}, 1: {"N": "1"}})
        self.assertEqual(projection.of({"l": {"S": "no list"}}), {})


class Authorization(unittest.TestCase):
    def test_signatures_are_those_of_the_clients(self):
        for vector in VECTORS["sigv4"]:
            stamp = vector["string_to_sign"].split("\n")[1]
            canonical = vector["string_to_sign"].rsplit("\n", 1)[1]
            self.assertEqual(list(authorization.canonical_hashes(stamp)), [canonical, vector["hash_with_scheme"]])
            to_sign = vector["string_to_sign"].encode()
            self.assertEqual(authorization.sign(vector["secret"], stamp[:8], vector["region"], to_sign), vector["signature"])

    def check(self, skew=0, secret=None, region=None, **changed):
        vector = VECTORS["sigv4"][0]
        given = {
            "key": vector["access_key"],
            "signature": vector["signature"],
            "to_sign": vector["string_to_sign"].encode(),
            "token": None,
            "agent": "test",
            **changed,
        }
        now = 1767323045 + skew  # 2026-01-02T03:04:05Z
        error = authorization.check_authorization(
            list(given.values()), {vector["access_key"]: secret or vector["secret"]}, region or vector["region"], lambda: now
        )
        return error and error.codes

    def test_only_a_signature_of_now_authorizes(self):
        to_sign = VECTORS["sigv4"][0]["string_to_sign"].encode()
        self.assertIsNone(self.check())
        for wrong in (
            {"skew": 901},
            {"skew": -901},
            {"secret": "other"},
            {"region": "eu-west-1"},
            {"key": "AKIDOTHER"},
            {"signature": "0" * 64},
            {"signature": b"bytes"},
            {"to_sign": to_sign.decode()},
            {"to_sign": to_sign.replace(b"dax", b"dynamodb")},
            {"to_sign": to_sign[:-1] + b"1"},
            {"token": 1},
        ):
            self.assertEqual(self.check(**wrong), (4, 23, 31, 33), wrong)

    def test_a_good_signature_over_another_request_does_not_authorize(self):
        secret = VECTORS["sigv4"][0]["secret"]
        to_sign = VECTORS["sigv4"][0]["string_to_sign"].encode()[:-1] + b"1"
        signature = authorization.sign(secret, "20260102", "us-east-1", to_sign)
        self.assertEqual(self.check(to_sign=to_sign, signature=signature), (4, 23, 31, 33))


class Capacities(unittest.TestCase):
    def test_capacity_and_metrics_have_the_forms_that_the_clients_read(self):
        self.assertEqual(
            replies.capacity({"TableName": "T1", "CapacityUnits": 0.5}).hex(), "4f" "625431" "fb3fe0000000000000" "f6f6f6"
        )
        with_index = {
            "TableName": "T1",
            "CapacityUnits": 2.0,
            "Table": {"CapacityUnits": 1.0},
            "GlobalSecondaryIndexes": {"g": {"CapacityUnits": 1.0}},
        }
        reader = cbor.Reader(cbor.unwrap(replies.capacity(with_index)))
        self.assertEqual([reader.value() for _ in range(5)], ["T1", 2.0, 1.0, {"g": 1.0}, None])
        metrics = {"ItemCollectionKey": {"pk": {"S": "u1"}}, "SizeEstimateRangeGB": [0, 1]}
        self.assertEqual(replies.metrics(metrics).hex(), "55" "627531" "fb0000000000000000" "fb3ff0000000000000")

    def test_the_capacity_of_a_transaction_is_a_map(self):
        consumed = {"TableName": "TSS", "CapacityUnits": 4, "ReadCapacityUnits": 4, "Table": {"CapacityUnits": 4}}
        found = cbor.unwrap(replies.transaction_capacity(consumed))
        self.assertEqual(found, {1: 4.0, 2: 4.0, 4: "TSS", 5: {1: 4.0}})
        self.assertIsInstance(found[1], float)


class Errors(unittest.TestCase):
    def test_an_error_has_codes_message_and_details(self):
        error = ServiceError("ConditionalCheckFailedException", "The conditional request failed", request_id="LABREQUESTID")
        self.assertEqual(
            encode_error(error).hex(),
            "85041825182618271"
            "82b781e54686520636f6e646974696f6e616c2072657175657374206661696c6564"
            "836c4c4142524551554553544944781f436f6e646974696f6e616c436865636b4661696c6564457863657074696f6e190190",
        )

    def test_a_cancelled_transaction_has_three_entries_for_each_operation(self):
        error = ServiceError(
            "TransactionCanceledException", "m", reasons=[("None", None, None), ("ConditionalCheckFailed", "m", b"\x01")]
        )
        codes, message, details = (reader := cbor.Reader(encode_error(error))).value(), reader.value(), reader.value()
        self.assertEqual((codes, message), ([4, 37, 38, 39, 58], "m"))
        self.assertEqual(details[3], ["None", None, None, "ConditionalCheckFailed", "m", b"\x01"])


if __name__ == "__main__":
    unittest.main()
