"""Attribute values between CBOR and DynamoDB's typed JSON, and the lists of names that items are sent without."""

import base64

import cbor
from decimals import encode_number, number_text
from errors import Refused

STRING_SET, NUMBER_SET, BINARY_SET = 3321, 3322, 3323
EMPTY_LIST_ID = 1


def attribute(value):
    """Typed JSON of a value that was read from CBOR."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is bool:
        return {"BOOL": value}
    if value is None:
        return {"NULL": True}
    if kind is bytes:
        return {"B": base64.b64encode(value).decode()}
    if kind is list:
        return {"L": [attribute(element) for element in value]}
    if kind is dict:
        if any(type(name) is not str for name in value):
            raise Refused("the name of an attribute in a map is not a text")
        return {"M": {name: attribute(element) for name, element in value.items()}}
    if kind is cbor.Tag:
        return attribute_set(value)
    number = number_text(value)
    if number is None:
        raise Refused(f"{value!r} is not an attribute value")
    return {"N": number}


def attribute_set(tag):
    sets = {STRING_SET: ("SS", "S"), NUMBER_SET: ("NS", "N"), BINARY_SET: ("BS", "B")}
    if tag.number not in sets or type(tag.value) is not list or not tag.value:
        raise Refused(f"tag {tag.number} is not a set with elements")
    name, kind = sets[tag.number]
    elements = [attribute(element) for element in tag.value]
    if any(set(element) != {kind} for element in elements):
        raise Refused(f"a set {name} with an element of another type")
    return {name: [element[kind] for element in elements]}


def encode_attribute(value, form="plain"):
    ((kind, content),) = value.items()
    if kind == "S":
        return cbor.text(content)
    if kind == "N":
        return encode_number(content, form)
    if kind == "B":
        return cbor.byte_string(base64.b64decode(content))
    if kind == "BOOL":
        return cbor.TRUE if content else cbor.FALSE
    if kind == "NULL":
        return cbor.NULL
    if kind == "L":
        return cbor.array([encode_attribute(element, form) for element in content])
    if kind == "M":
        return cbor.mapping([(cbor.text(name), encode_attribute(element, form)) for name, element in content.items()])
    tag = {"SS": STRING_SET, "NS": NUMBER_SET, "BS": BINARY_SET}[kind]
    return cbor.tag(tag, cbor.array([encode_attribute({kind[0]: element}, form) for element in content]))


class AttributeLists:
    """The lists of names that one node gave ids to. `first_id` differs from node to node: an id of another node is refused."""

    def __init__(self, first_id):
        self.next_id = first_id
        self.ids, self.names = {(): EMPTY_LIST_ID}, {EMPTY_LIST_ID: ()}

    def id_of(self, names):
        names = tuple(names)
        found = self.ids.get(names)
        if found is None:
            found = self.ids[names] = self.next_id
            self.names[found] = names
            self.next_id += 1
        return found

    def define(self, names):
        if type(names) is not list or any(type(name) is not str for name in names):
            raise Refused("an attribute list is an array of texts")
        encoded = [name.encode() for name in names]
        if any(left >= right for left, right in zip(encoded, encoded[1:])):
            raise Refused("an attribute list is not sorted by its bytes, or has a name twice")
        return self.id_of(names)

    def names_of(self, list_id):
        found = self.names.get(list_id) if type(list_id) is int else None
        if found is None:
            raise Refused(f"attribute list {list_id!r} was never given out by this node")
        return found

    def decode(self, data):
        """The attributes that item values hold."""
        if type(data) is not bytes:
            raise Refused("item values are a byte string")
        reader = cbor.Reader(data, wrapped=True)
        try:
            names = self.names_of(reader.value())
            item = {name: attribute(reader.value()) for name in names}
        except cbor.Malformed as error:
            raise Refused(f"item values: {error}") from None
        if not reader.at_end():
            raise Refused(f"{len(data) - reader.at} stray bytes after an item")
        return item

    def encode(self, item, without, form="plain"):
        """Item values of `item` without the key attributes `without`."""
        names = sorted((name for name in item if name not in without), key=str.encode)
        return cbor.integer(self.id_of(names)) + b"".join(encode_attribute(item[name], form) for name in names)

    def encode_some(self, attributes, named, form="plain"):
        """Those of the list of `named` that are in `attributes`, by their place in it."""
        names = sorted({*named, *attributes}, key=str.encode)
        present = [
            (cbor.integer(place), encode_attribute(attributes[name], form))
            for place, name in enumerate(names)
            if name in attributes
        ]
        return cbor.integer(self.id_of(names)) + cbor.mapping(present)
