"""Runs every check of scim2-tester against a host and prints what came out as one line of JSON.

Reads the SCIM key from standard input: arguments can be seen by others.
"""

import collections
import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

key = sys.stdin.read().strip()
client = SyncSCIMClient(
    Client(base_url=sys.argv[1], headers={"Authorization": f"Bearer {key}"}, timeout=60)
)
results = check_server(client)
told = {
    "counts": collections.Counter(result.status.name for result in results),
    "failures": [
        f"{result.status.name} {result.title}: {result.reason}"
        for result in results
        if result.status in (Status.ERROR, Status.CRITICAL, Status.DEVIATION)
    ],
    "skipped": [
        f"{result.title}: {result.reason}" for result in results if result.status == Status.SKIPPED
    ],
}
print(json.dumps(told))
