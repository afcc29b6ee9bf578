"""The official Python client, for dax_peers: client.py PORT CALLS"""

import json
import resource
import sys
import time

import botocore.session
from amazondax import AmazonDaxClient


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    port, calls = sys.argv[1], int(sys.argv[2])
    client = AmazonDaxClient(
        botocore.session.get_session(),
        region_name="us-east-1",
        endpoint_url=f"dax://127.0.0.1:{port}",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    )
    key = {"pk": {"S": "USER#user-000001"}, "sk": {"S": "CONTEXT"}}

    def get():
        begin = time.perf_counter()
        if "context_data" not in client.get_item(TableName="loopstate", Key=key)["Item"]:
            sys.exit("a wrong item")
        return (time.perf_counter() - begin) * 1e6

    for _ in range(calls // 10):
        get()
    before = cpu()
    took = sorted(get() for _ in range(calls))
    used = (cpu() - before) / calls * 1e6
    line = {"bench": "official Python client", "concurrency": 1, "cpu_us": used, "p50_us": took[calls // 2]}
    print(json.dumps({name: round(value, 1) if isinstance(value, float) else value for name, value in line.items()}), flush=True)
    client.close()


main()
