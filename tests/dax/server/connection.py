"""One client's connection: the greeting, then calls one after the other, each answered before the next is looked at."""

import asyncio
import time
import traceback

import authorization
import cbor
import faults
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
        self.gone, self.just_authorized = asyncio.Event(), False

    def connection_made(self, transport):
        self.transport = transport
        self.ipv6 = ":" in transport.get_extra_info("sockname")[0]
        self.node.opened(self)

    def connection_lost(self, error):
        if self.buffer and not self.closed and self.busy is None:
            self.node.counts.cut_messages += 1
        self.closed = True
        self.gone.set()
        self.node.lost(self)

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
        """All whole messages in the buffer, until one has to wait."""
        while self.buffer and self.busy is None and not self.closed:
            reader = cbor.Reader(self.buffer)
            try:
                work = self.read_call(reader) if self.greeted else self.read_greeting(reader)
            except cbor.NeedMore:
                return
            except cbor.Malformed as error:
                self.break_off(str(error))
                return
            del self.buffer[: reader.at]
            if work:
                self.busy = asyncio.get_running_loop().create_task(self.work(work))

    async def work(self, coroutine):
        try:
            await coroutine
        except Exception:
            self.break_off(f"the server itself failed: {traceback.format_exc()}")
        finally:
            self.busy = None
        self.take_messages()

    def read_greeting(self, reader):
        magic = reader.value()
        wrong = authorization.check_magic(magic) or authorization.check_greeting(
            [reader.value() for _ in range(authorization.GREETING_VALUES - 1)]
        )
        if wrong:
            raise cbor.Malformed(wrong)
        self.greeted = True
        self.node.counted("greeting")
        fault = self.node.meet("greeting")
        return self.suffer_silently(fault) if fault else None

    def read_call(self, reader):
        service, number = reader.value(), reader.value()
        if service != SERVICE or type(service) is not int or type(number) is not int or number not in methods.METHODS:
            raise cbor.Malformed(f"there is no call {number!r} of service {service!r}")
        method = methods.METHODS[number]
        arguments = [reader.value() for _ in range(method.arguments)]
        self.node.counted(method.name)
        fault = self.node.meet(method.name, faults.tables_of(method.name, arguments), self.just_authorized)
        self.just_authorized = method.name == "authorizeConnection"
        if method.name == "authorizeConnection":
            self.authorize(arguments, fault)
            return self.suffer_silently(fault) if fault else None
        return self.answer(method, arguments, fault)

    def authorize(self, arguments, fault):
        settings = self.node.settings
        self.authorization_error = authorization.check_authorization(arguments, settings.secrets, settings.region)
        if fault and fault.kind == "error":
            self.authorization_error = fault.error()
        self.authorized_until = 0.0 if self.authorization_error else time.monotonic() + settings.authorization_seconds

    def deauthorize(self):
        self.authorized_until, self.authorization_error = 0.0, None

    def check_authorized(self):
        if self.authorized_until <= time.monotonic():
            raise self.authorization_error or not_authorized("this connection is not authorized, or not any longer")

    async def suffer_silently(self, fault):
        """A fault where nothing is answered anyway."""
        self.node.strike(fault)
        if fault.kind == "drop":
            self.close()
        elif fault.kind == "hang":
            await self.hang(fault)

    async def hang(self, fault):
        await fault.released.wait()
        if fault.get("then") == "drop":
            self.close()

    async def until_nobody_waits(self, fault):
        """For its reply; or until the fault is released."""
        waits = [asyncio.ensure_future(event.wait()) for event in (self.gone, fault.released)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def answer(self, method, arguments, fault):
        faults.current.set(fault)
        if fault and fault.get("leader") is not None:
            self.node.cluster.lead(fault.get("leader"))
        if fault and not fault.get("after") and await self.is_hit(fault):
            return
        reply = await self.reply_to(method, arguments)
        if fault and fault.kind == "late":
            self.node.strike(fault)
        if fault and fault.get("after") and await self.is_hit(fault):
            return
        if not self.closed:
            await self.send(reply, fault)

    async def is_hit(self, fault):
        """Does what the fault says instead of a reply; true when there is nothing left to do."""
        if fault.kind in faults.OF_REPLIES:
            return False
        self.node.strike(fault)
        if fault.kind == "drop":
            self.close()
        elif fault.kind == "hang":
            await self.hang(fault)
        elif fault.kind == "late":
            await self.until_nobody_waits(fault)
            return False
        elif fault.kind == "error":
            if fault.get("deauthorize"):
                self.deauthorize()
            self.transport.write(encode_error(fault.error()))
            return True
        return self.closed

    async def send(self, reply, fault):
        kind = fault.kind if fault else None
        if kind in faults.OF_REPLIES:
            self.node.strike(fault)
        if kind == "replace":
            reply = bytes.fromhex(fault.get("bytes"))
        elif kind == "append" and fault.get("apart"):
            self.transport.write(reply)
            reply = bytes.fromhex(fault.get("bytes"))
        elif kind == "append":
            reply += bytes.fromhex(fault.get("bytes"))
        elif kind == "twice":
            reply += reply
        if kind == "cut":
            self.transport.write(reply[: fault.get("keep", len(reply) // 2)])
            self.closed = True
            self.transport.close()
        elif kind == "trickle":
            for place in range(len(reply)):
                self.transport.write(reply[place : place + 1])
                await asyncio.sleep(0)
        else:
            self.transport.write(reply)

    async def reply_to(self, method, arguments):
        try:
            self.check_authorized()
            self.node.check_can(method.name)
            return SUCCESS + await method.run(self, arguments)
        except Refused as error:
            self.node.counts.refusal(f"{method.name}: {error.message}")
            return encode_error(error)
        except ServiceError as error:
            return encode_error(error)
