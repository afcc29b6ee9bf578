"""query and scan."""

import cbor
import replies
from errors import Refused
from expressions import Projection, Renderer
from item_calls import CAPACITY, reply_map
from keys import decode_compound, encode_compound
from parameters import (
    FILTER,
    FORWARD,
    INDEX,
    LIMIT,
    PROJECTION,
    SEGMENT,
    SEGMENTS,
    SELECT,
    SELECT_NAMES,
    START_KEY,
    Parameters,
)

ITEMS, COUNT, LAST_KEY, SCANNED = 7, 8, 9, 10


async def query(node, table, condition, given):
    if condition is None:
        raise Refused("a query has a key condition")
    return await read_range(node, "query", "Query", table, condition, given)


async def scan(node, table, given):
    return await read_range(node, "scan", "Scan", table, None, given)


async def read_range(node, call, operation, table, condition, given):
    table, parameters = node.table_name(table), Parameters(call, given)
    schema = await node.schema(table)
    projection = Projection(parameters.get(PROJECTION)) if PROJECTION in parameters.given else None
    body = range_body(schema, parameters, projection, condition)
    cached = not parameters.consistent()
    request = (operation, table, condition, parameters.cache_key())
    held = node.queries.get(request) if cached else None
    if held:
        node.count_hit(call)
        return encode_range(node, schema, parameters, projection, {**held[0], "ConsumedCapacity": None})
    answer = await node.ask(operation, body)
    if cached:
        node.queries.put(request, answer)
    return encode_range(node, schema, parameters, projection, answer)


def range_body(schema, parameters, projection, condition):
    renderer = Renderer()
    body = {"TableName": schema.table, "ConsistentRead": parameters.consistent()}
    parameters.into(body)
    if condition is not None:
        body["KeyConditionExpression"] = renderer.condition(condition)
    if FILTER in parameters.given:
        body["FilterExpression"] = renderer.condition(parameters.get(FILTER))
    if projection:
        body["ProjectionExpression"] = projection.top_level(renderer)
    renderer.into(body)
    index = index_name(parameters)
    if index:
        body["IndexName"] = index
    if FORWARD in parameters.given:
        body["ScanIndexForward"] = bool(parameters.get(FORWARD))
    for number, field in ((LIMIT, "Limit"), (SEGMENT, "Segment"), (SEGMENTS, "TotalSegments")):
        if number in parameters.given:
            body[field] = parameters.get(number)
    if SELECT in parameters.given:
        body["Select"] = parameters.named(SELECT, SELECT_NAMES)
    if START_KEY in parameters.given:
        start = parameters.get(START_KEY)
        body["ExclusiveStartKey"] = decode_compound(start) if index else schema.decode(start)
    return body


def index_name(parameters):
    name = parameters.get(INDEX)
    try:
        return name and name.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the name of an index is not UTF-8") from None


def encode_range(node, schema, parameters, projection, answer):
    pairs = []
    if "Items" in answer:
        pairs.append((ITEMS, cbor.array([encode_found(node, schema, projection, item) for item in answer["Items"]])))
    pairs.append((COUNT, cbor.integer(answer["Count"])))
    pairs.append((SCANNED, cbor.integer(answer["ScannedCount"])))
    last = answer.get("LastEvaluatedKey")
    if last:
        encoded = encode_compound(last) if index_name(parameters) else schema.encode(last)
        pairs.append((LAST_KEY, cbor.byte_string(encoded)))
    if answer.get("ConsumedCapacity"):
        pairs.append((CAPACITY, replies.capacity(answer["ConsumedCapacity"])))
    return reply_map(node, pairs)


def encode_found(node, schema, projection, item):
    if projection:
        return node.projected(projection, item)
    return cbor.array([cbor.byte_string(schema.encode(item)), node.item_values(item, schema)])
