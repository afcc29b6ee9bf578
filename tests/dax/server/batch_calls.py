"""batchGetItem and batchWriteItem."""

import cbor
import replies
from errors import Refused
from expressions import Projection
from item_calls import whole_item
from parameters import Parameters

WRITES_MAX, KEYS_MAX = 25, 100


class BatchTable:
    """What a batch wants of one table."""

    def __init__(self, schema, wanted):
        if type(wanted) is not list or len(wanted) != 3 or type(wanted[0]) not in (bool, int) or type(wanted[2]) is not list:
            raise Refused("a table's part of batchGetItem is [consistent read, projection, keys]")
        self.schema, self.consistent, self.keys = schema, bool(wanted[0]), wanted[2]
        self.projection = None if wanted[1] is None else Projection(wanted[1])
        self.attributes = {key: schema.decode(key) for key in self.keys}
        if not self.keys or len(self.attributes) != len(self.keys):
            raise Refused("a table's part of batchGetItem has no keys, or one twice")
        self.found, self.unprocessed = {}, []

    def take(self, node):
        """The keys that the cache does not answer."""
        if self.consistent:
            return self.keys
        held = {key: node.held_item(self.schema.table, key) for key in self.keys}
        self.found = {key: entry[0] for key, entry in held.items() if entry}
        return [key for key in self.keys if key not in self.found]

    def learn(self, node, asked, answer):
        table = self.schema.table
        items = {self.schema.identity(item): item for item in answer.get("Responses", {}).get(table, [])}
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
        unprocessed = {self.schema.identity(key) for key in left}
        for key in asked:
            identity = self.schema.identity(self.attributes[key])
            if identity in unprocessed:
                self.unprocessed.append(key)
                continue
            self.found[key] = items.get(identity)
            if not self.consistent:
                node.hold_item(table, key, self.found[key])

    def responses(self, node):
        out = []
        for key in self.keys:
            item = self.found.get(key)
            if item is None:
                continue
            if self.projection:
                out.append(node.projected(self.projection, item))
            else:
                out += [cbor.byte_string(key), node.item_values(item, self.schema)]
        return cbor.array(out)


async def batch_get_item(node, requested, given):
    parameters = Parameters("batchGetItem", given)
    if type(requested) is not dict or not requested or any(type(name) is not str for name in requested):
        raise Refused("batchGetItem has a map of table names to what is wanted")
    tables = {name: BatchTable(await node.schema(name), wanted) for name, wanted in requested.items()}
    if sum(len(table.keys) for table in tables.values()) > KEYS_MAX:
        raise Refused(f"batchGetItem has more than {KEYS_MAX} keys")
    asked = {name: table.take(node) for name, table in tables.items()}
    kept = node.keep_some(sum(map(len, asked.values())))
    body = {"RequestItems": {}}
    parameters.into(body)
    for name, keys in asked.items():
        asked[name], later = keys[:kept], keys[kept:]
        kept -= len(asked[name])
        tables[name].unprocessed += later
        if asked[name]:
            wanted = [tables[name].attributes[key] for key in asked[name]]
            body["RequestItems"][name] = {"Keys": wanted, "ConsistentRead": tables[name].consistent}
    answer = await node.ask("BatchGetItem", body) if body["RequestItems"] else {}
    for name in body["RequestItems"]:
        tables[name].learn(node, asked[name], answer)
    found = cbor.mapping([(cbor.text(name), table.responses(node)) for name, table in tables.items()])
    left = [
        (cbor.text(name), cbor.array([cbor.byte_string(key) for key in table.unprocessed]))
        for name, table in tables.items()
        if table.unprocessed
    ]
    return cbor.array([found, cbor.mapping(left)]) + replies.capacities(answer)


async def batch_write_item(node, requested, given):
    parameters = Parameters("batchWriteItem", given)
    if type(requested) is not dict or not requested or any(type(name) is not str for name in requested):
        raise Refused("batchWriteItem has a map of table names to writes")
    writes = []
    for name, flat in requested.items():
        if type(flat) is not list or not flat or len(flat) % 2:
            raise Refused("a table's part of batchWriteItem is a key and item values in turn")
        schema = await node.schema(name)
        writes += [one_write(node, schema, key, values) for key, values in zip(flat[::2], flat[1::2])]
    if len(writes) > WRITES_MAX or len({(schema.table, key) for schema, key, *_ in writes}) != len(writes):
        raise Refused(f"batchWriteItem has more than {WRITES_MAX} writes, or two of one item")
    kept = node.keep_some(len(writes))
    body = {"RequestItems": {}}
    parameters.into(body)
    for schema, _, _, _, request in writes[:kept]:
        body["RequestItems"].setdefault(schema.table, []).append(request)
    answer = await node.ask("BatchWriteItem", body) if kept else {}
    left = unprocessed_writes(answer, writes[:kept])
    for write in writes[:kept]:
        if write not in left:
            node.wrote_item(write[0].table, write[1], write[3])
    tables = {}
    for schema, key, values, _, _ in left + writes[kept:]:
        part = cbor.NULL if values is None else cbor.byte_string(values)
        tables.setdefault(schema.table, []).extend((cbor.byte_string(key), part))
    unprocessed = cbor.mapping([(cbor.text(name), cbor.array(parts)) for name, parts in tables.items()])
    return unprocessed + replies.capacities(answer) + replies.metrics_by_table(answer)


def one_write(node, schema, key, values):
    """Schema, key, the item as sent, the item as it will be, DynamoDB's request."""
    attributes = schema.decode(key)
    if values is None:
        return schema, key, None, None, {"DeleteRequest": {"Key": attributes}}
    item = whole_item(node, schema, attributes, values)
    return schema, key, values, item, {"PutRequest": {"Item": item}}


def unprocessed_writes(answer, writes):
    left = set()
    for name, requests in answer.get("UnprocessedItems", {}).items():
        for request in requests:
            (content,) = request.values()
            attributes = content.get("Item") or content["Key"]
            left |= {(name, schema.identity(attributes)) for schema, *_ in writes if schema.table == name}
    return [write for write in writes if left and (write[0].table, write[0].identity(write[0].decode(write[1]))) in left]
