"""The calls by their numbers, with how many arguments each has."""

from typing import Callable, NamedTuple

import batch_calls
import cbor
import item_calls
import range_calls
import transaction_calls

LEADER, REPLICA = 1, 2


class Method(NamedTuple):
    name: str
    arguments: int
    run: Callable  # of a connection and the arguments: what follows the error array


async def endpoints(connection, arguments):
    entries = []
    for node in connection.node.cluster.listed():
        address = node.address(connection.ipv6)
        fields = (
            cbor.integer(node.number),
            cbor.text(f"node{node.number}.invalid"),
            cbor.byte_string(address),
            cbor.integer(node.port(connection.tls, connection.ipv6)),
            cbor.integer(LEADER if node.leads() else REPLICA),
            cbor.text(f"test-az-{node.number}"),
            cbor.integer(node.cluster.leader_session),
        )
        entries.append(cbor.mapping([(cbor.integer(number), field) for number, field in enumerate(fields)]))
    return cbor.array(entries)


async def define_key_schema(connection, arguments):
    return (await connection.node.schema(connection.node.table_name(arguments[0]))).encoded()


async def define_attribute_list_id(connection, arguments):
    return cbor.integer(connection.node.lists.define(arguments[0]))


async def define_attribute_list(connection, arguments):
    return cbor.array([cbor.text(name) for name in connection.node.lists.names_of(arguments[0])])


def data_call(function):
    async def run(connection, arguments):
        return await function(connection.node, *arguments)

    return run


METHODS = {
    1489122155: Method("authorizeConnection", 5, None),
    455855874: Method("endpoints", 0, endpoints),
    -742646399: Method("defineKeySchema", 1, define_key_schema),
    -1230579644: Method("defineAttributeListId", 1, define_attribute_list_id),
    670678385: Method("defineAttributeList", 1, define_attribute_list),
    263244906: Method("getItem", 3, data_call(item_calls.get_item)),
    -2106490455: Method("putItem", 4, data_call(item_calls.put_item)),
    1425579023: Method("updateItem", 3, data_call(item_calls.update_item)),
    1013539361: Method("deleteItem", 3, data_call(item_calls.delete_item)),
    -931250863: Method("query", 3, data_call(range_calls.query)),
    -1875390620: Method("scan", 2, data_call(range_calls.scan)),
    -697851100: Method("batchGetItem", 2, data_call(batch_calls.batch_get_item)),
    116217951: Method("batchWriteItem", 2, data_call(batch_calls.batch_write_item)),
    1866287579: Method("transactGetItems", 4, data_call(transaction_calls.transact_get_items)),
    -1160037738: Method("transactWriteItems", 9, data_call(transaction_calls.transact_write_items)),
}
WRITES = {"putItem", "updateItem", "deleteItem", "batchWriteItem", "transactWriteItems"}
