"""One client's connection: the greeting, then calls one after the other, each answered before the next is looked at."""

import asyncio
import time

import authorization
import cbor
import methods
from errors import Refused, ServiceError, encode_error, not_authorized

SERVICE = 1
SUCCESS = cbor.EMPTY_ARRAY
BUFFER_MAX = 64 << 20


class Connection(asyncio.Protocol):
    def __init__(self, node, tls):
        self.node, self.tls = node, tls
        self.buffer, self.greeted, self.busy, self.closed = bytearray(), False, None, False
        self.authorized_until, self.authorization_error = 0.0, None

    def connection_made(self, transport):
        self.transport = transport
        self.ipv6 = ":" in transport.get_extra_info("sockname")[0]
        self.node.connections.add(self)
        self.node.counts.connections += 1

    def connection_lost(self, error):
        self.closed = True
        self.node.connections.discard(self)
        if self.busy is None and self.buffer:
            self.node.counts.protocol_error("the connection was closed in the middle of a message")

    def close(self):
        self.closed = True
        self.transport.abort()

    def data_received(self, data):
        self.buffer += data
        if len(self.buffer) > BUFFER_MAX:
            self.break_off("a message is too large")
        elif self.busy is None:
            self.take_messages()

    def break_off(self, message):
        self.node.counts.protocol_error(message)
        self.buffer.clear()
        self.close()

    def take_messages(self):
        """All whole messages in the buffer, until one has to wait for DynamoDB."""
        while self.buffer and self.busy is None and not self.closed:
            reader = cbor.Reader(self.buffer)
            try:
                message = self.read_call(reader) if self.greeted else self.read_greeting(reader)
            except cbor.NeedMore:
                return
            except cbor.Malformed as error:
                self.break_off(str(error))
                return
            del self.buffer[:reader.at]
            if message:
                self.busy = asyncio.get_running_loop().create_task(self.answer(*message))

    def read_greeting(self, reader):
        wrong = authorization.check_greeting([reader.value() for _ in range(authorization.GREETING_VALUES)])
        if wrong:
            raise cbor.Malformed(wrong)
        self.greeted = True

    def read_call(self, reader):
        service, number = reader.value(), reader.value()
        if service != SERVICE or type(service) is not int or type(number) is not int or number not in methods.METHODS:
            raise cbor.Malformed(f"there is no call {number!r} of service {service!r}")
        method = methods.METHODS[number]
        arguments = [reader.value() for _ in range(method.arguments)]
        self.node.counts.call(method.name)
        if method.name == "authorizeConnection":
            self.authorize(arguments)
            return None
        return method, arguments

    def authorize(self, arguments):
        settings = self.node.settings
        self.authorization_error = authorization.check_authorization(arguments, settings.secrets)
        self.authorized_until = 0.0 if self.authorization_error else time.monotonic() + settings.authorization_seconds

    def check_authorized(self):
        if self.authorized_until <= time.monotonic():
            raise self.authorization_error or not_authorized("this connection is not authorized, or not any longer")

    async def answer(self, method, arguments):
        try:
            reply = await self.reply_to(method, arguments)
            if not self.closed:
                self.transport.write(reply)
        finally:
            self.busy = None
        self.take_messages()

    async def reply_to(self, method, arguments):
        try:
            self.check_authorized()
            return SUCCESS + await method.run(self, arguments)
        except Refused as error:
            self.node.counts.refusal(f"{method.name}: {error.message}")
            return encode_error(error)
        except ServiceError as error:
            return encode_error(error)
