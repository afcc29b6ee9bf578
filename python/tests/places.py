"""Where the stores of tests are."""

from __future__ import annotations

import itertools
import json
import os
import urllib.request
from typing import Dict, NamedTuple, Optional

import loopstate

_numbers = itertools.count()


class Place(NamedTuple):
    """Where a test's store is: opened several times, also by other processes, it is the same one."""

    url: str
    settings: Dict[str, Optional[str]]

    def open(self) -> loopstate.Store:
        return loopstate.open(self.url, settings=self.settings)


def create_table(endpoint: str, name: str) -> None:
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    table = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in keys],
    }
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.CreateTable",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request,"
        " SignedHeaders=host, Signature=0",
    }
    with urllib.request.urlopen(urllib.request.Request(endpoint, json.dumps(table).encode(), headers)) as reply:
        reply.read()


def dynamodb_place(endpoint: str) -> Place:
    """A new table."""
    name = f"python-{os.getpid()}-{next(_numbers)}"
    create_table(endpoint, name)
    access = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return Place(f"dynamodb:{name}", {"AWS_ENDPOINT_URL_DYNAMODB": endpoint, **access})
