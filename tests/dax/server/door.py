"""The port that everybody knows: DAX for who begins with a greeting, text for who steers the server or asks if it is there."""

import asyncio

from connection import Connection
from control import Control


class Door(asyncio.Protocol):
    """A greeting's first byte is 67; a line of control begins with a brace, a request of HTTP with a capital letter."""

    def __init__(self, server):
        self.server = server

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if data[:1] == b"G":
            self.transport.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nDAX test server\n")
            self.transport.close()
            return
        known = self.server.clusters[0].nodes[0]
        protocol = Control(self.server) if data[:1] == b"{" else Connection(known, tls=False)
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        protocol.data_received(data)
