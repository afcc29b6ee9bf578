"""transactGetItems and transactWriteItems."""

import secrets

import cbor
import replies
from errors import Refused, ServiceError
from expressions import Projection, Renderer
from item_calls import whole_item
from parameters import TOKEN, Parameters

PUT, DELETE, UPDATE, CHECK = 2, 7, 9, 12
ON_FAILURE = {1: "NONE", 2: "ALL_OLD"}


def columns(names, arguments, optional):
    """Arrays of one length; null for an optional one is an array of nulls."""
    given = [argument for argument in arguments if argument is not None]
    if not given or any(type(argument) is not list for argument in given):
        raise Refused("the arguments of a transaction are arrays")
    size = len(given[0])
    for name, argument in zip(names, arguments):
        if argument is None and name not in optional:
            raise Refused(f"a transaction has no {name}")
        if argument is not None and len(argument) != size:
            raise Refused(f"a transaction has {len(argument)} {name} for {size} operations")
    return [argument if argument is not None else [None] * size for argument in arguments]


async def transact_get_items(node, tables, keys, projections, given):
    parameters = Parameters("transactGetItems", given)
    rows = list(zip(*columns(("tables", "keys", "projections"), (tables, keys, projections), {"projections"})))
    schemas = [await node.schema(node.table_name(table)) for table, _, _ in rows]
    wanted = [None if projection is None else Projection(projection) for _, _, projection in rows]
    body = {
        "TransactItems": [
            {"Get": {"TableName": schema.table, "Key": schema.decode(key)}} for schema, (_, key, _) in zip(schemas, rows)
        ]
    }
    parameters.into(body)
    answer = await ask_transaction(node, "TransactGetItems", body, schemas)
    results = []
    for schema, projection, response in zip(schemas, wanted, answer["Responses"]):
        item = response.get("Item")
        if item is None:
            results.append(cbor.NULL)
        else:
            results.append(node.projected(projection, item) if projection else node.item_values(item, schema))
    return cbor.array([cbor.array(results), replies.capacities(answer, replies.transaction_capacity)])


async def ask_transaction(node, operation, body, schemas):
    try:
        return await node.ask(operation, body)
    except ServiceError as error:
        cancellation = getattr(error, "cancellation", None)
        if cancellation is not None:
            error.reasons = [encode_reason(node, schema, reason) for schema, reason in zip(schemas, cancellation)]
        raise


def encode_reason(node, schema, reason):
    item = reason.get("Item")
    values = None if item is None else node.lists.encode(item, schema.names, node.settings.numbers)
    return reason.get("Code"), reason.get("Message"), values


class Operation:
    """One operation of transactWriteItems."""

    def __init__(self, node, schema, operation, key, values, on_failure, condition, update):
        self.schema, self.key, self.operation = schema, key, operation
        attributes = schema.decode(key)
        renderer = Renderer()
        self.content = {"TableName": schema.table}
        self.item = None
        if operation == PUT:
            self.item = self.content["Item"] = whole_item(node, schema, attributes, values)
        else:
            self.content["Key"] = attributes
        if condition is not None:
            self.content["ConditionExpression"] = renderer.condition(condition)
        elif operation == CHECK:
            raise Refused("a condition check without a condition")
        if (update is not None) != (operation == UPDATE) or (values is not None) != (operation == PUT):
            raise Refused("values belong to a put and an update expression to an update, and to nothing else")
        if operation == UPDATE:
            self.content["UpdateExpression"], _ = renderer.update(update)
        renderer.into(self.content)
        if on_failure is not None and on_failure not in ON_FAILURE:
            raise Refused(f"there is no return value {on_failure!r} on failure")
        if on_failure == 2:
            self.content["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"

    def request(self):
        return {{PUT: "Put", DELETE: "Delete", UPDATE: "Update", CHECK: "ConditionCheck"}[self.operation]: self.content}


COLUMNS = ("operations", "tables", "keys", "values", "values on failure", "conditions", "updates")


async def transact_write_items(node, operations, tables, keys, values, returned, on_failure, conditions, updates, given):
    parameters = Parameters("transactWriteItems", given)
    if returned is not None:
        raise Refused("transactWriteItems has no return values")
    arguments = columns(COLUMNS, (operations, tables, keys, values, on_failure, conditions, updates), set(COLUMNS[3:]))
    wanted = []
    for operation, table, *rest in zip(*arguments):
        if operation not in (PUT, DELETE, UPDATE, CHECK):
            raise Refused(f"a transaction has no operation {operation!r}")
        wanted.append(Operation(node, await node.schema(node.table_name(table)), operation, *rest))
    body = {"TransactItems": [operation.request() for operation in wanted]}
    parameters.into(body)
    if TOKEN in parameters.given:
        own = node.settings.tokens == "own"
        body["ClientRequestToken"] = secrets.token_hex(16) if own else parameters.get(TOKEN)
    answer = await ask_transaction(node, "TransactWriteItems", body, [operation.schema for operation in wanted])
    await keep_written(node, wanted)
    return cbor.array(
        [cbor.EMPTY_ARRAY, replies.capacities(answer, replies.transaction_capacity), replies.metrics_by_table(answer)]
    )


async def keep_written(node, wanted):
    """Into the cache what the transaction left. What an update made is read back, as DAX does."""
    updated = {}
    for operation in wanted:
        if operation.operation in (PUT, DELETE):
            node.wrote_item(operation.schema.table, operation.key, operation.item)
        elif operation.operation == UPDATE:
            updated.setdefault(operation.schema, []).append(operation)
    if not updated:
        return
    body = {
        "RequestItems": {
            schema.table: {"Keys": [operation.content["Key"] for operation in operations], "ConsistentRead": True}
            for schema, operations in updated.items()
        }
    }
    try:
        answer = await node.ask("BatchGetItem", body, kind="refresh")
    except ServiceError:
        answer = {}  # the next read fetches them
    for schema, operations in updated.items():
        items = {schema.identity(item): item for item in answer.get("Responses", {}).get(schema.table, [])}
        for operation in operations:
            item = items.get(schema.identity(operation.content["Key"]))
            if item is None:
                node.forget_item(schema.table, operation.key)
            else:
                node.wrote_item(schema.table, operation.key, item)
