"""For the tests of the DAX server in Python: where it is, a cluster of a test's own, its counts and faults, tables behind it.

The server is the one at LOOPSTATE_TEST_DAX_ENDPOINT (ctest, or tools/dax-server run).
"""

import json
import os
import secrets
import socket
import sys
import urllib.request

KEY_ID, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"


def server_address():
    endpoint = os.environ.get("LOOPSTATE_TEST_DAX_ENDPOINT", "")
    if not endpoint.startswith("dax://"):
        sys.exit("no DAX server: run this by ctest, or as tools/dax-server run COMMAND")
    host, port = endpoint.removeprefix("dax://").rsplit(":", 1)
    return host, int(port)


class Cluster:
    """A cluster that goes when this is closed."""

    def __init__(self, nodes=1, **fields):
        self.socket = socket.create_connection(server_address(), timeout=60)
        self.lines = self.socket.makefile("rb")
        made = self.tell("cluster", nodes=nodes, **fields)
        self.nodes, self.authority, self.dynamodb = made["nodes"], made["authority"], made["dynamodb"]

    def close(self):
        self.lines.close()
        self.socket.close()

    def tell(self, command, **fields):
        self.socket.sendall(json.dumps({"do": command, **fields}).encode() + b"\n")
        reply = json.loads(self.lines.readline())
        if not reply.pop("ok"):
            raise RuntimeError(reply["error"])
        return reply

    def counts(self):
        return self.tell("counts")["total"]

    def fault(self, kind, **fields):
        return self.tell("fault", kind=kind, **fields)["fault"]

    def endpoint(self, node=0):
        return f"dax://127.0.0.1:{self.nodes[node]['port']}"

    def tls_endpoint(self, node=0, host="127.0.0.1"):
        return f"daxs://{host}:{self.nodes[node]['tls_port']}"

    def dynamodb_call(self, operation, body):
        """Past the cache."""
        request = urllib.request.Request(
            self.dynamodb,
            json.dumps(body).encode(),
            {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "X-Amz-Date": "20260102T030405Z",
                "Authorization": "AWS4-HMAC-SHA256 Credential=unchecked/20260102/us-east-1/dynamodb/aws4_request, "
                "SignedHeaders=host;x-amz-date;x-amz-target, Signature=00",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def make_table(self, hash_key=("pk", "S"), range_key=None, index_key=None):
        """A table of the test's own; with an index `gsi1` when `index_key` is given. Its name."""
        name = f"dax-{secrets.token_hex(8)}"
        keys = [(hash_key, "HASH")] + ([(range_key, "RANGE")] if range_key else [])
        body = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": key[0], "KeyType": kind} for key, kind in keys],
            "AttributeDefinitions": [{"AttributeName": key[0], "AttributeType": key[1]} for key, _ in keys],
        }
        if index_key:
            body["AttributeDefinitions"].append({"AttributeName": index_key[0], "AttributeType": index_key[1]})
            body["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": "gsi1",
                    "Projection": {"ProjectionType": "ALL"},
                    "KeySchema": [{"AttributeName": index_key[0], "KeyType": "HASH"}],
                }
            ]
        self.dynamodb_call("CreateTable", body)
        return name
