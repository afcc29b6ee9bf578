"""A connection that sends what it is told to, right or wrong."""

import socket
import sys
import time
from pathlib import Path

DAX = Path(__file__).parents[1]
sys.path[:0] = [str(DAX), str(DAX / "server")]

import authorization  # noqa: E402
import cbor  # noqa: E402
from methods import METHODS  # noqa: E402
from steering import KEY_ID, REGION, SECRET  # noqa: E402

NUMBERS = {method.name: number for number, method in METHODS.items()}
GREETING = [
    cbor.text("J7yne5G"),
    b"\x00",
    cbor.byte_string(bytes(16)),
    cbor.mapping([(cbor.text("UserAgent"), cbor.text("raw"))]),
    b"\x00",
]
# How many values follow the error array.
REPLY_VALUES = {"batchGetItem": 2, "batchWriteItem": 3}
NONE = b"\xbf\xff"


class Closed(Exception):
    pass


class Error(Exception):
    def __init__(self, codes, message, details):
        super().__init__(f"{codes} {message}")
        self.codes, self.message, self.details = codes, message, details


def authorization_arguments(secret=SECRET, stamp=None):
    stamp = stamp or time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    canonical = next(authorization.canonical_hashes(stamp))
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{stamp[:8]}/{REGION}/dax/aws4_request\n{canonical}".encode()
    signature = authorization.sign(secret, stamp[:8], REGION, to_sign)
    return [cbor.text(KEY_ID), cbor.text(signature), cbor.byte_string(to_sign), cbor.NULL, cbor.text("raw")]


class RawClient:
    def __init__(self, port, greeting=b"".join(GREETING), authorize=True, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=60)
        self.buffer = b""
        self.send(greeting)
        if authorize:
            self.authorize()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def authorize(self, **how):
        self.send(self.encode("authorizeConnection", authorization_arguments(**how)))

    @staticmethod
    def encode(call, arguments):
        return cbor.integer(1) + cbor.integer(NUMBERS[call]) + b"".join(arguments)

    def value(self):
        while True:
            reader = cbor.Reader(self.buffer)
            try:
                found = reader.value()
            except cbor.NeedMore:
                more = self.socket.recv(65536)
                if not more:
                    raise Closed(self.buffer) from None
                self.buffer += more
                continue
            self.buffer = self.buffer[reader.at :]
            return found

    def reply(self, call):
        codes = self.value()
        if codes:
            raise Error(codes, self.value(), self.value())
        found = [self.value() for _ in range(REPLY_VALUES.get(call, 1))]
        return found if len(found) > 1 else found[0]

    def call(self, call, *arguments):
        """`arguments`: encoded values."""
        self.send(self.encode(call, arguments))
        return self.reply(call)

    def closed(self):
        """Whether the server closes the connection, saying no more."""
        try:
            return not self.buffer and not self.socket.recv(1)
        except ConnectionResetError:
            return True
