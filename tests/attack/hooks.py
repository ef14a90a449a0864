"""What is added to the requests that schemathesis makes: an address of its own for each, so that
failures to sign in, which it makes on purpose, are not limited for all the others, and in every
second good one the names of things that there are, which it cannot guess. How each was answered is
noted, so that the kit sees who was served."""

import collections
import itertools
import json
import os

import schemathesis

NUMBERS = itertools.count(1)
N_GOOD = collections.Counter()
# Ids and a secret, by the names of parameters.
THERE = json.loads(os.environ["ATTACK_THERE"])
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
# Where the document cannot say all that makes a body a good one, or chance seldom makes one.
BODIES = {
    ("POST", "/v1/tokens"): lambda number: {"label": f"contract {number}"},
    ("POST", "/scim/v2/Users"): lambda number: {"schemas": [USER], "userName": f"new{number}"},
    ("PUT", "/v1/policy"): lambda number: {
        "maximum_expiry_days": 365,
        "automatic_expiration": False,
        "maximum_active_tokens": None,
    },
    ("POST", "/v1/policy/apply-to-existing"): lambda number: {"notice_days": 30},
    ("PUT", "/scim/v2/Users/{user_id}"): lambda number: {
        "schemas": [USER],
        "userName": f"replaced{number}",
    },
    ("PATCH", "/scim/v2/Users/{user_id}"): lambda number: {
        "schemas": [PATCH],
        "Operations": [{"op": "replace", "path": "displayName", "value": f"name {number}"}],
    },
}
NAMES = {"/scim/v2/ResourceTypes/{name}": "User", "/scim/v2/Schemas/{name}": USER}


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(NUMBERS)
    address = f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"
    # Of its own, as below: schemathesis uses the old ones for other cases, too.
    case.headers = case.headers.copy()
    case.headers["X-Forwarded-For"] = address
    is_good = case.meta is not None and case.meta.generation.mode.is_positive
    if is_good:
        route = (case.method.upper(), case.operation.path)
        N_GOOD[route] += 1
        # From the first one on, so that few examples are enough.
        if N_GOOD[route] % 2:
            name_what_is_there(case, route, number)
    # Whoever is gone cannot be asked about any more.
    is_there = case.path_parameters.get("user_id") == THERE["user_id"]
    if case.method.upper() == "DELETE" and is_there:
        case.path_parameters = {**case.path_parameters, "user_id": THERE["leaver_id"]}


def name_what_is_there(case, route, number):
    path = route[1]
    there = {**THERE, "name": NAMES.get(path)}
    case.path_parameters = {
        name: there.get(name) or value for name, value in case.path_parameters.items()
    }
    body = BODIES.get(route)
    if body:
        case.body = body(number)
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    # Without the proxy's key its client's secret alone would do: this address is a trusted one.
    if path == "/v1/exports/authorize" and "X-Exportgate-Service" in case.headers:
        case.headers["Authorization"] = f"Bearer {THERE['secret']}"


@schemathesis.hook
def after_call(context, case, response):
    with open(os.environ["ATTACK_ANSWERS"], "a") as answers:
        answers.write(f"{response.status_code} {case.method.upper()} {case.operation.path}\n")
