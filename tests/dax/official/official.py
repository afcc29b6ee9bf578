"""The official client on a cluster of a test's own."""

import sys
import unittest
from pathlib import Path

import botocore.session
from amazondax import AmazonDaxClient
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parents[1]))
from steering import KEY_ID, REGION, SECRET, Cluster  # noqa: E402

__all__ = ["ClientError", "OfficialTest"]


class OfficialTest(unittest.TestCase):
    NODES = 1

    def setUp(self):
        self.cluster = Cluster(self.NODES)
        self.addCleanup(self.cluster.close)

    def open(self, endpoint=None, **credentials):
        given = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET, **credentials}
        client = AmazonDaxClient(
            botocore.session.get_session(), region_name=REGION, endpoint_url=endpoint or self.cluster.endpoint(), **given
        )
        self.addCleanup(client.close)
        return client

    def assert_clean(self):
        """Whatever the server refused, the client had not deserved."""
        counts = self.cluster.counts()
        self.assertEqual((counts["refusals"], counts["protocol_errors"]), ([], []))

    def assert_error(self, name, call, **arguments):
        with self.assertRaises(ClientError) as raised:
            call(**arguments)
        self.assertEqual(raised.exception.response["Error"]["Code"], name)
        return raised.exception
