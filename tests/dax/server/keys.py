"""A table's keys, which travel as byte strings that only their schema explains."""

import base64
from decimal import Decimal

import cbor
from decimals import NotANumber, from_sortable, sortable
from errors import Refused
from values import attribute, encode_attribute


class Schema:
    """`parts`: name and type of the hash key, then of the range key if there is one."""

    def __init__(self, table, parts):
        self.table, self.parts = table, parts
        self.names = frozenset(name for name, _ in parts)

    @classmethod
    def of_description(cls, table):
        types = {entry["AttributeName"]: entry["AttributeType"] for entry in table["AttributeDefinitions"]}
        ordered = sorted(table["KeySchema"], key=lambda entry: entry["KeyType"] != "HASH")
        return cls(table["TableName"], [(entry["AttributeName"], types[entry["AttributeName"]]) for entry in ordered])

    def encoded(self):
        return cbor.mapping([(cbor.text(name), cbor.text(kind)) for name, kind in self.parts])

    def decode(self, data):
        """The key attributes in typed JSON."""
        if type(data) is not bytes or not data:
            raise Refused(f"a key of {self.table} is a byte string with something in it")
        (name, kind), *rest = self.parts
        try:
            if not rest and kind != "N":
                return {name: raw(kind, data)}
            reader = cbor.Reader(data, wrapped=True)
            key = {name: checked(kind, attribute(reader.value()))}
            if rest:
                ((name, kind),) = rest
                key[name] = raw(kind, data[reader.at :])
            elif not reader.at_end():
                raise Refused(f"stray bytes after a key of {self.table}")
            return key
        except (cbor.Malformed, NotANumber, UnicodeDecodeError) as error:
            raise Refused(f"a key of {self.table}, attribute {name} of type {kind}: {error}") from None

    def encode(self, item):
        (name, kind), *rest = self.parts
        if not rest and kind != "N":
            return raw_bytes(item[name])
        encoded = encode_attribute(item[name])
        return encoded + raw_bytes(item[rest[0][0]]) if rest else encoded

    def identity(self, item):
        """Equal for two spellings of one key."""
        values = [item[name] for name, _ in self.parts]
        return tuple(Decimal(value["N"]) if "N" in value else tuple(value.items()) for value in values)


def checked(kind, value):
    if set(value) != {kind} or not value[kind]:
        raise Refused(f"a key attribute of type {kind} came as {value}")
    return value


def raw(kind, data):
    if not data:
        raise Refused(f"a key attribute of type {kind} is empty")
    if kind == "S":
        return {"S": data.decode("utf-8")}
    if kind == "B":
        return {"B": base64.b64encode(data).decode()}
    return {"N": from_sortable(data)}


def raw_bytes(value):
    ((kind, content),) = value.items()
    if kind == "S":
        return content.encode()
    return base64.b64decode(content) if kind == "B" else sortable(content)


def decode_compound(data):
    """The key of an index query: a map in a byte string, which has to be indefinite."""
    if type(data) is not bytes or data[:1] != b"\xbf":
        raise Refused("the start key of an index query is an indefinite map in a byte string")
    try:
        found = cbor.unwrap(data)
    except cbor.Malformed as error:
        raise Refused(f"the start key of an index query: {error}") from None
    return attribute(found)["M"]


def encode_compound(key):
    return cbor.open_mapping([(cbor.text(name), encode_attribute(value)) for name, value in key.items()])
