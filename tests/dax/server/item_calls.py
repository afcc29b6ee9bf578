"""getItem, putItem, updateItem and deleteItem."""

import cbor
import replies
from errors import Refused
from expressions import Projection, Renderer
from parameters import CONDITION, PROJECTION, RETURN_VALUES, RETURN_VALUE_NAMES, UPDATE, Parameters

ITEM, CAPACITY, ATTRIBUTES, METRICS = 0, 1, 2, 3


def reply_map(node, pairs):
    encoded = [(cbor.integer(number), value) for number, value in pairs]
    return node.reply_map(encoded)


async def get_item(node, table, key, given):
    table, parameters = node.table_name(table), Parameters("getItem", given)
    schema = await node.schema(table)
    key_attributes = schema.decode(key)
    projection = Projection(parameters.get(PROJECTION)) if PROJECTION in parameters.given else None
    pairs = []
    held = None if parameters.consistent() else node.held_item(table, key)
    if held:
        item = held[0]
    else:
        body = {"TableName": table, "Key": key_attributes, "ConsistentRead": parameters.consistent()}
        parameters.into(body)
        answer = await node.ask("GetItem", body)
        item = answer.get("Item")
        if not parameters.consistent():
            node.hold_item(table, key, item)
        if answer.get("ConsumedCapacity"):
            pairs.append((CAPACITY, replies.capacity(answer["ConsumedCapacity"])))
    if item is not None:
        pairs.insert(0, (ITEM, node.projected(projection, item) if projection else node.item_values(item, schema)))
    return reply_map(node, pairs)


class Write:
    """A write of one item: its request to DynamoDB, and what it leaves in the cache."""

    def __init__(self, node, call, schema, key, given, returned):
        self.node, self.schema, self.key, self.call = node, schema, key, call
        self.parameters = Parameters(call, given)
        self.key_attributes = schema.decode(key)
        self.returned = self.parameters.named(RETURN_VALUES, RETURN_VALUE_NAMES) or "NONE"
        if self.returned not in returned:
            raise Refused(f"{call} does not return {self.returned}")
        self.renderer = Renderer()
        self.body = {"TableName": schema.table}
        self.parameters.into(self.body)
        if CONDITION in self.parameters.given:
            self.body["ConditionExpression"] = self.renderer.condition(self.parameters.get(CONDITION))

    async def ask(self, operation, returned=None):
        self.renderer.into(self.body)
        returned = returned or self.returned
        if returned != "NONE":
            self.body["ReturnValues"] = returned
        return await self.node.ask(operation, self.body)

    def reply(self, answer, named=()):
        pairs = []
        attributes = answer.get("Attributes")
        if attributes is not None and self.returned != "NONE":
            if self.returned.startswith("UPDATED"):
                lists, form = self.node.lists, self.node.settings.numbers
                pairs.append((ATTRIBUTES, cbor.byte_string(lists.encode_some(attributes, named, form))))
            else:
                pairs.append((ATTRIBUTES, self.node.item_values(attributes, self.schema)))
        if answer.get("ItemCollectionMetrics"):
            pairs.append((METRICS, replies.metrics(answer["ItemCollectionMetrics"])))
        if answer.get("ConsumedCapacity"):
            pairs.append((CAPACITY, replies.capacity(answer["ConsumedCapacity"])))
        return reply_map(self.node, pairs)


def whole_item(node, schema, key_attributes, values):
    item = node.lists.decode(values)
    if schema.names & item.keys():
        raise Refused("an attribute list names a key attribute of the table")
    return {**item, **key_attributes}


async def put_item(node, table, key, values, given):
    schema = await node.schema(node.table_name(table))
    write = Write(node, "putItem", schema, key, given, ("NONE", "ALL_OLD"))
    item = write.body["Item"] = whole_item(node, schema, write.key_attributes, values)
    answer = await write.ask("PutItem")
    node.wrote_item(schema.table, key, item)
    return write.reply(answer)


async def delete_item(node, table, key, given):
    schema = await node.schema(node.table_name(table))
    write = Write(node, "deleteItem", schema, key, given, ("NONE", "ALL_OLD"))
    write.body["Key"] = write.key_attributes
    answer = await write.ask("DeleteItem")
    node.wrote_item(schema.table, key, None)
    return write.reply(answer)


async def update_item(node, table, key, given):
    schema = await node.schema(node.table_name(table))
    write = Write(node, "updateItem", schema, key, given, RETURN_VALUE_NAMES.values())
    write.body["Key"] = write.key_attributes
    named = ()
    if UPDATE in write.parameters.given:
        write.body["UpdateExpression"], named = write.renderer.update(write.parameters.get(UPDATE))
    # The new item is wanted for the cache; where the caller wants something else, the next read fetches it.
    new = write.returned in ("NONE", "ALL_NEW")
    answer = await write.ask("UpdateItem", "ALL_NEW" if new else None)
    if new:
        node.wrote_item(schema.table, key, answer["Attributes"])
    else:
        node.forget_item(schema.table, key)
    return write.reply(answer, named)
