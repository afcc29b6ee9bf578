"""The subset of CBOR (RFC 7049) that DAX speaks: a reader that can run out of bytes, and a writer of shortest forms.

Values are int, float, Decimal (tag 4), bytes, str, list, dict, bool, None, and Tag for every other tag. Big integers (tags 2
and 3) are int.
"""

import struct
from decimal import Decimal
from typing import NamedTuple

DEPTH_MAX = 64


class NeedMore(Exception):
    """The bytes so far are the beginning of a value."""


class Malformed(Exception):
    """No bytes that follow could make this a value."""


class Tag(NamedTuple):
    number: int
    value: object


BREAK = object()


class Reader:
    """Reads values from `data`. `wrapped`: the data is all there is, so running out of it is an error."""

    __slots__ = ("data", "at", "wrapped", "indefinite")

    def __init__(self, data, wrapped=False, at=0):
        self.data, self.at, self.wrapped = data, at, wrapped

    def at_end(self):
        return self.at == len(self.data)

    def take(self, size):
        at = self.at
        if at + size > len(self.data):
            if self.wrapped:
                raise Malformed("a value ends before its last byte")
            raise NeedMore
        self.at = at + size
        return bytes(self.data[at : at + size])

    def argument(self, info):
        if info < 24:
            return info
        if info > 27:
            raise Malformed(f"length {info} is reserved")
        return int.from_bytes(self.take(1 << (info - 24)), "big")

    def value(self, depth=0):
        found = self.item(depth)
        if found is BREAK:
            raise Malformed("a break outside an indefinite container")
        return found

    def item(self, depth):
        if depth > DEPTH_MAX:
            raise Malformed("nested too deeply")
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self.simple(info)
        if info == 31 and major in (4, 5):
            return self.open_list(depth) if major == 4 else self.open_map(depth)
        argument = self.argument(info)
        if major == 0:
            return argument
        if major == 1:
            return -1 - argument
        if major == 2:
            return self.take(argument)
        if major == 3:
            return self.text(argument)
        if major == 4:
            return [self.value(depth + 1) for _ in range(argument)]
        if major == 5:
            out = {}
            for _ in range(argument):
                key = self.key(self.value(depth + 1))
                out[key] = self.value(depth + 1)
            return out
        return self.tagged(argument, depth)

    def text(self, size):
        try:
            return self.take(size).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("a text that is not UTF-8") from None

    @staticmethod
    def key(key):
        if type(key) not in (int, str, bytes):
            raise Malformed("a map key that is neither an integer nor a text")
        return key

    def open_list(self, depth):
        out = []
        while (found := self.item(depth + 1)) is not BREAK:
            out.append(found)
        return out

    def open_map(self, depth):
        out = {}
        while (key := self.item(depth + 1)) is not BREAK:
            out[self.key(key)] = self.value(depth + 1)
        return out

    def simple(self, info):
        if info in SIMPLE:
            return SIMPLE[info]
        if info in FLOATS:
            code, size = FLOATS[info]
            return struct.unpack(code, self.take(size))[0]
        raise Malformed(f"simple value {info}")

    def tagged(self, number, depth):
        value = self.value(depth + 1)
        if number in (2, 3):
            if type(value) is not bytes:
                raise Malformed("a big integer without its magnitude")
            magnitude = int.from_bytes(value, "big")
            return magnitude if number == 2 else -1 - magnitude
        if number == 4:
            if type(value) is not list or [type(part) for part in value] != [int, int]:
                raise Malformed("a decimal that is not [exponent, mantissa]")
            exponent, mantissa = value
            if not -1000 <= exponent <= 1000:
                raise Malformed(f"a decimal with the exponent {exponent}")
            digits = tuple(int(digit) for digit in str(abs(mantissa)))
            return Decimal((1 if mantissa < 0 else 0, digits, exponent))
        return Tag(number, value)


SIMPLE = {20: False, 21: True, 22: None, 31: BREAK}
FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}


def unwrap(data):
    """The one value that `data` holds, to its last byte."""
    reader = Reader(data, wrapped=True)
    value = reader.value()
    if not reader.at_end():
        raise Malformed(f"{len(data) - reader.at} stray bytes after a value")
    return value


def head(major, argument):
    if argument < 24:
        return bytes((major << 5 | argument,))
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << (8 * size):
            return bytes((major << 5 | info,)) + argument.to_bytes(size, "big")
    raise ValueError(f"{argument} has no place in a CBOR head")


def integer(value):
    major, magnitude = (0, value) if value >= 0 else (1, -1 - value)
    if magnitude < 1 << 64:
        return head(major, magnitude)
    return head(6, 2 + major) + byte_string(magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "big"))


def byte_string(value):
    return head(2, len(value)) + value


def text(value):
    encoded = value.encode("utf-8")
    return head(3, len(encoded)) + encoded


def float64(value):
    return b"\xfb" + struct.pack(">d", value)


def array(parts):
    """`parts`: encoded values."""
    return head(4, len(parts)) + b"".join(parts)


def mapping(pairs):
    """`pairs`: encoded keys with encoded values."""
    return head(5, len(pairs)) + b"".join(key + value for key, value in pairs)


def open_mapping(pairs):
    return b"\xbf" + b"".join(key + value for key, value in pairs) + b"\xff"


def decimal(exponent, mantissa):
    return b"\xc4\x82" + integer(exponent) + integer(mantissa)


def tag(number, value):
    return head(6, number) + value


NULL = b"\xf6"
TRUE = b"\xf5"
FALSE = b"\xf4"
EMPTY_ARRAY = b"\x80"
EMPTY_MAP = b"\xa0"
