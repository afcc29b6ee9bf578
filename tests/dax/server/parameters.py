"""The optional parameters of a call: which there may be, and of what type."""

from errors import Refused

PROJECTION, NAMES, CONSISTENT, CAPACITY, CONDITION, VALUES, METRICS, RETURN_VALUES, UPDATE, START_KEY, FILTER, INDEX = range(
    12
)
LIMIT, FORWARD, SELECT, SEGMENT, SEGMENTS, TOKEN = 13, 14, 15, 16, 17, 19

WRITE = {NAMES, CAPACITY, CONDITION, VALUES, METRICS, RETURN_VALUES}
READ_MANY = {PROJECTION, NAMES, CONSISTENT, CAPACITY, VALUES, START_KEY, FILTER, INDEX, LIMIT, SELECT}
ALLOWED = {
    "getItem": {PROJECTION, NAMES, CONSISTENT, CAPACITY},
    "putItem": WRITE,
    "deleteItem": WRITE,
    "updateItem": WRITE | {UPDATE},
    "query": READ_MANY | {FORWARD},
    "scan": READ_MANY | {SEGMENT, SEGMENTS},
    "batchGetItem": {CAPACITY},
    "batchWriteItem": {CAPACITY, METRICS},
    "transactGetItems": {CAPACITY},
    "transactWriteItems": {CAPACITY, METRICS, TOKEN},
}
BYTES = {PROJECTION, CONDITION, UPDATE, START_KEY, FILTER, INDEX}
MAPS = {NAMES, VALUES}
RETURN_VALUE_NAMES = {1: "NONE", 2: "ALL_OLD", 3: "UPDATED_OLD", 4: "ALL_NEW", 5: "UPDATED_NEW"}
CAPACITY_NAMES = {0: "NONE", 1: "TOTAL", 2: "INDEXES"}
METRICS_NAMES = {0: "NONE", 1: "SIZE"}
SELECT_NAMES = {1: "ALL_ATTRIBUTES", 2: "ALL_PROJECTED_ATTRIBUTES", 3: "COUNT", 4: "SPECIFIC_ATTRIBUTES"}


class Parameters:
    def __init__(self, call, given):
        if given is not None and type(given) is not dict:
            raise Refused("the optional parameters are a map or null")
        self.given = given or {}
        for number, value in self.given.items():
            if number not in ALLOWED[call]:
                raise Refused(f"{call} has no parameter {number!r}")
            wanted = bytes if number in BYTES else dict if number in MAPS else str if number == TOKEN else int
            if type(value) is not wanted and not (number == CONSISTENT and type(value) is bool):
                raise Refused(f"parameter {number} of {call} has the wrong type")

    def get(self, number):
        return self.given.get(number)

    def consistent(self):
        return bool(self.given.get(CONSISTENT, False))

    def named(self, number, names):
        """The name that an integer stands for; None without the parameter."""
        value = self.given.get(number)
        if value is None:
            return None
        if value not in names:
            raise Refused(f"parameter {number} has no value {value}")
        return names[value]

    def into(self, body, returned=False):
        """The parameters that DynamoDB takes by name."""
        for number, field, names in (
            (CAPACITY, "ReturnConsumedCapacity", CAPACITY_NAMES),
            (METRICS, "ReturnItemCollectionMetrics", METRICS_NAMES),
        ):
            name = self.named(number, names)
            if name and name != "NONE":
                body[field] = name

    def cache_key(self):
        """What makes two queries the same one."""
        unimportant = {NAMES, VALUES, CONSISTENT, CAPACITY}
        return tuple(sorted((number, value) for number, value in self.given.items() if number not in unimportant))
