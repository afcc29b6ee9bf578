"""A DAX cluster for tests, in front of a DynamoDB test server.

    python3 tests/dax/server --dynamodb http://127.0.0.1:8000 --port 8111
"""

import argparse
import asyncio
import urllib.parse

from cluster import Cluster
from door import Door
from dynamodb import DynamoDb


async def serve(arguments):
    address = urllib.parse.urlsplit(arguments.dynamodb)
    cluster = Cluster(DynamoDb(address.hostname, address.port), 1)
    await cluster.nodes[0].listen(arguments.port, lambda: Door(cluster))
    await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dynamodb", required=True, help="the endpoint of the DynamoDB behind the cache")
    parser.add_argument("--port", type=int, required=True, help="of 127.0.0.1, for DAX and for control")
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
