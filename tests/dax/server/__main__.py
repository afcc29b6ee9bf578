"""DAX clusters for tests, in front of a DynamoDB test server.

    python3 tests/dax/server --dynamodb http://127.0.0.1:8000 --port 8111

On the port is a cluster of one node, and what control.py says: how a test makes clusters of its own, breaks them, and
asks what reached them.
"""

import argparse
import asyncio
import signal
import urllib.parse

from certificates import Certificates
from control import Server
from door import Door
from dynamodb import DynamoDb


async def serve(arguments):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    address = urllib.parse.urlsplit(arguments.dynamodb)
    server = Server(DynamoDb(address.hostname, address.port), Certificates())
    known = await server.make_cluster(1, listen=False)
    (node,) = server.clusters[known].nodes
    await node.listen(server.certificates.context("local"), arguments.port, lambda: Door(server))
    await stop.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dynamodb", required=True, help="the endpoint of the DynamoDB behind the cache")
    parser.add_argument("--port", type=int, required=True, help="of 127.0.0.1 and ::1, for DAX and for control")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
