"""The DynamoDB behind the cache: JSON over HTTP/1.1 on kept connections."""

import asyncio
import json

from errors import OUTCOME_UNKNOWN, ServiceError

# The test server wants to see a signature and does not check it.
HEADERS = (
    "POST / HTTP/1.1\r\nHost: dynamodb\r\nContent-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Date: 20260102T030405Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=unchecked/20260102/us-east-1/dynamodb/"
    "aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=00\r\n"
)


class Broken(Exception):
    pass


class Connection(asyncio.Protocol):
    def __init__(self):
        self.buffer, self.answer, self.open = b"", None, True

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        self.open = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(Broken("DynamoDB closed the connection"))

    def data_received(self, data):
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        size = int(headers.get("content-length", 0))
        if len(self.buffer) < end + 4 + size:
            return
        body, self.buffer = self.buffer[end + 4 : end + 4 + size], b""
        if not self.answer.done():
            self.answer.set_result((int(lines[0].split()[1]), headers, body))

    async def send(self, request):
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer


class DynamoDb:
    def __init__(self, host, port):
        self.host, self.port, self.idle = host, port, []

    def endpoint(self):
        return f"http://{self.host}:{self.port}"

    async def connection(self):
        while self.idle:
            connection = self.idle.pop()
            if connection.open:
                return connection
        _, connection = await asyncio.get_running_loop().create_connection(Connection, self.host, self.port)
        return connection

    async def call(self, operation, body):
        """The reply's JSON. ServiceError for an error of DynamoDB's, or when it is not known what it did."""
        content = json.dumps(body).encode()
        head = f"{HEADERS}X-Amz-Target: DynamoDB_20120810.{operation}\r\nContent-Length: {len(content)}\r\n\r\n"
        try:
            connection = await self.connection()
            status, headers, reply = await connection.send(head.encode() + content)
        except (Broken, OSError) as error:
            raise ServiceError("InternalServerError", f"DynamoDB: {error}", codes=OUTCOME_UNKNOWN, status=500) from None
        self.idle.append(connection)
        found = json.loads(reply) if reply else {}
        if status == 200:
            return found
        name = found.get("__type", "").rpartition("#")[2]
        error = ServiceError(
            name,
            found.get("message") or found.get("Message") or "",
            status=status,
            request_id=headers.get("x-amzn-requestid"),
        )
        error.cancellation = found.get("CancellationReasons")
        raise error
