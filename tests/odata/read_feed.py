"""Reads the whole sample feed with a real OData v4 client and says what it saw.

Usage: read_feed.py URL [--user NAME], the secret on standard input, so that no list of processes
shows it. With --user the credential is HTTP Basic as Power BI sends it, without it Bearer.

Prints one JSON document: {"tables": {NAME: {"n_rows", "sha256"}}, "n_requests"}. When the feed is
refused: {"error", "status", "reason"} and exit code 1.
"""

import argparse
import decimal
import hashlib
import json
import sys
import xml.etree.ElementTree

import requests
from odata import ODataService
from odata.exceptions import ODataConnectionError, ODataError

# Both must be the ones of sample_export/entity_set.rs: they keep cells and rows apart in the digest,
# and no cell holds them.
END_OF_CELL = "\x1f"
END_OF_ROW = "\x1e"
NO_VALUE = "\x00"


class BearerAuth(requests.auth.AuthBase):
    """The credential as RFC 6750 sends it."""

    def __init__(self, secret):
        self.secret = secret

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.secret}"
        return request


class Watch:
    """Counts the answers and keeps the last one, for what the client's errors do not tell."""

    def __init__(self):
        self.n_requests = 0
        self.last = None

    def __call__(self, response, **_):
        self.n_requests += 1
        self.last = response


def plain(row, name):
    """A cell in the form of which the export computes its own digest."""
    text = row.__odata__[name]
    if isinstance(text, str):
        # Texts and instants as they came: to understand 100,000 instants takes longer than to
        # fetch them.
        return text
    value = getattr(row, name)
    if value is None:
        return NO_VALUE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, decimal.Decimal):
        return f"{value:.2f}"
    return str(value)


def read_table(service, entity):
    """Follows every link of one table."""
    digest = hashlib.sha256()
    n_rows = 0
    names = None
    for row in service.query(entity):
        if names is None:
            names = sorted(name for name, _ in row.__odata__.properties)
        cells = (plain(row, name) + END_OF_CELL for name in names)
        digest.update(("".join(cells) + END_OF_ROW).encode())
        n_rows += 1
    return {"n_rows": n_rows, "sha256": digest.hexdigest()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--user")
    arguments = parser.parse_args()
    secret = sys.stdin.read().strip()

    watch = Watch()
    session = requests.Session()
    # Neither a proxy nor a .netrc of the person who runs the tests.
    session.trust_env = False
    session.hooks["response"].append(watch)
    if arguments.user:
        # As bytes: requests would send a str as Latin-1, and the host asks for UTF-8.
        session.auth = (arguments.user.encode(), secret.encode())
    else:
        session.auth = BearerAuth(secret)
    try:
        service = ODataService(
            arguments.url, session=session, reflect_entities=True, quiet_progress=True
        )
        tables = {name: read_table(service, entity) for name, entity in service.entities.items()}
    # The client reads a refusal as if it were $metadata, and stumbles over it as XML.
    except (ODataError, ODataConnectionError, xml.etree.ElementTree.ParseError) as error:
        last = watch.last
        print(
            json.dumps(
                {
                    "error": str(error),
                    "status": last.status_code if last is not None else None,
                    "reason": last.headers.get("X-Exportgate-Reason") if last is not None else None,
                }
            )
        )
        return 1
    print(json.dumps({"tables": tables, "n_requests": watch.n_requests}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
