"""What replies are made of, besides items: capacities and metrics."""

import cbor
from values import encode_attribute


def optional_number(capacity):
    return cbor.NULL if capacity is None else cbor.float64(capacity)


def units_by_index(indexes):
    if not indexes:
        return cbor.NULL
    return cbor.mapping([(cbor.text(name), cbor.float64(units["CapacityUnits"])) for name, units in indexes.items()])


def capacity(consumed):
    """The form of the calls that are no transactions."""
    table = consumed.get("Table")
    return cbor.byte_string(
        cbor.text(consumed["TableName"])
        + cbor.float64(consumed["CapacityUnits"])
        + optional_number(table and table["CapacityUnits"])
        + units_by_index(consumed.get("GlobalSecondaryIndexes"))
        + units_by_index(consumed.get("LocalSecondaryIndexes"))
    )


UNITS = ((1, "CapacityUnits"), (2, "ReadCapacityUnits"), (3, "WriteCapacityUnits"))


def units(found):
    return [(cbor.integer(number), cbor.float64(found[name])) for number, name in UNITS if found.get(name) is not None]


def transaction_capacity(consumed):
    pairs = units(consumed)
    pairs.append((cbor.integer(4), cbor.text(consumed["TableName"])))
    if consumed.get("Table"):
        pairs.append((cbor.integer(5), cbor.mapping(units(consumed["Table"]))))
    for number, name in ((6, "GlobalSecondaryIndexes"), (7, "LocalSecondaryIndexes")):
        if consumed.get(name):
            by_index = [(cbor.text(index), cbor.mapping(units(found))) for index, found in consumed[name].items()]
            pairs.append((cbor.integer(number), cbor.mapping(by_index)))
    return cbor.mapping(sorted(pairs))


def capacities(answer, form=capacity):
    return cbor.array([form(consumed) for consumed in answer.get("ConsumedCapacity") or []])


def metrics(found):
    lower, upper = found["SizeEstimateRangeGB"]
    (key,) = found["ItemCollectionKey"].values()
    return cbor.byte_string(encode_attribute(key) + cbor.float64(lower) + cbor.float64(upper))


def metrics_by_table(answer):
    found = answer.get("ItemCollectionMetrics") or {}
    return cbor.mapping(
        [(cbor.text(table), cbor.array([metrics(entry) for entry in entries])) for table, entries in found.items()]
    )
