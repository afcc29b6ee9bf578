"""Numbers in their three forms: DynamoDB's text, CBOR, and the bytes that sort as numbers do (a range key's).

The last form: one header byte (or five) for sign and exponent, then groups of ten bits with three digits each, then a group
that says how many digits of the last one are real. 1 and 1.0 are different bytes.
"""

from decimal import Decimal, InvalidOperation

import cbor

ZEROS = (b"\x80", b"\x7f")


class NotANumber(Exception):
    pass


def number_text(value):
    """DynamoDB's text for a number as it came in CBOR; None for what is none."""
    if type(value) is int:
        return str(value)
    if type(value) is float:
        if value != value or value in (float("inf"), float("-inf")):
            return None
        value = Decimal(repr(value))
    if type(value) is not Decimal:
        return None
    return format(value, "f") if abs(value.adjusted()) < 40 else str(value)


def encode_number(text, form="plain"):
    """`form`: "plain" as the clients write numbers themselves; "decimal": all as decimals without trailing zeros; "big": whole
    numbers as big integers; "float": as floats where nothing is lost."""
    value = Decimal(text)
    sign, digits, exponent = value.as_tuple()
    mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
    if form == "float" and Decimal(repr(float(value))) == value:
        return cbor.float64(float(value))
    if form == "decimal":
        while mantissa and mantissa % 10 == 0:
            mantissa, exponent = mantissa // 10, exponent + 1
        return cbor.decimal(exponent, mantissa)
    if set(text) & set(".eE"):
        return cbor.decimal(exponent, mantissa)
    if form == "big":
        magnitude = -1 - mantissa if mantissa < 0 else mantissa
        return cbor.tag(
            3 if mantissa < 0 else 2, cbor.byte_string(magnitude.to_bytes(magnitude.bit_length() // 8 + 1, "big"))
        )
    return cbor.integer(mantissa)


def sortable(text):
    """The form that sorts, with the digits as written."""
    try:
        sign, digits, exponent = Decimal(text).as_tuple()
    except InvalidOperation:
        raise NotANumber(text) from None
    written = "".join(map(str, digits)).lstrip("0")
    if not written:
        return ZEROS[0]
    position = exponent + len(written)
    groups = [int(written[at : at + 3].ljust(3, "0")) for at in range(0, len(written), 3)]
    coded = [1011 - group for group in groups] if sign else [group + 12 for group in groups]
    last = (len(written) - 1) % 3
    coded.append(1023 - last if sign else last)
    bits = "".join(format(group, "010b") for group in coded)
    bits += "0" * (-len(bits) % 8)
    return sortable_header(sign, position) + int(bits, 2).to_bytes(len(bits) // 8, "big")


def sortable_header(sign, position):
    if -62 <= position <= 61:
        return bytes(((0x3F - position) if sign else (0xC0 + position),))
    word = position & 0xFFFFFFFF
    if sign:
        return bytes((0x01 if position > 61 else 0x7E,)) + (word ^ 0x7FFFFFFF).to_bytes(4, "big")
    return bytes((0xFE if position > 61 else 0x81,)) + (word ^ 0x80000000).to_bytes(4, "big")


def from_sortable(data):
    """The number's text. NotANumber for bytes that no number has."""
    if data in ZEROS:
        return "0"
    if len(data) < 2 or data[0] in (0x00, 0xFF, 0x7F, 0x80):
        raise NotANumber("no number has these bytes")
    header = data[0]
    negative = header < 0x80
    if header in (0x01, 0x7E, 0x81, 0xFE):
        word = int.from_bytes(data[1:5], "big") ^ (0x7FFFFFFF if negative else 0x80000000)
        position, rest = word - (1 << 32 if word >> 31 else 0), data[5:]
    else:
        position, rest = (0x3F - header if negative else header - 0xC0), data[1:]
    count, spare = divmod(8 * len(rest), 10)
    bits = int.from_bytes(rest, "big")
    if count < 2 or bits & ((1 << spare) - 1) or spare > 7:
        raise NotANumber("a number is cut, or its last bits are not zero")
    bits >>= spare
    groups = [bits >> (10 * (count - 1 - place)) & 1023 for place in range(count)]
    values = [1011 - group if negative else group - 12 for group in groups[:-1]]
    last = 1023 - groups[-1] if negative else groups[-1]
    if last > 2 or any(not 0 <= value <= 999 for value in values):
        raise NotANumber("a group of digits is out of range")
    digits = "".join(f"{value:03d}" for value in values)
    dropped = 2 - last
    if dropped and digits[-dropped:] != "0" * dropped:
        raise NotANumber("digits beyond the last one")
    digits = digits[: len(digits) - dropped]
    if digits[0] == "0" or not -1000 <= position <= 1000:
        raise NotANumber("a number with a leading zero, or out of range")
    text = number_text(Decimal((1 if negative else 0, tuple(map(int, digits)), position - len(digits))))
    if sortable_header(negative, position) != data[: len(data) - len(rest)]:
        raise NotANumber("a long header for a short exponent")
    return text
