"""The port that everybody knows: DAX for who begins with a greeting, and a line of text for who asks about the server."""

import asyncio
import json

from connection import Connection


class Door(asyncio.Protocol):
    """A greeting's first byte is 67; a request of HTTP begins with a letter."""

    def __init__(self, cluster):
        self.cluster = cluster

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if data[:1] == b"G":
            counts = json.dumps(self.cluster.nodes[0].counts.as_json())
            self.transport.write(f"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{counts}\n".encode())
            self.transport.close()
            return
        connection = Connection(self.cluster.nodes[0], tls=False)
        self.transport.set_protocol(connection)
        connection.connection_made(self.transport)
        connection.data_received(data)
