"""Lets each request of schemathesis come from an address of its own, so that failures to sign in,
which it makes on purpose, are not limited for all the others."""

import itertools

import schemathesis

NUMBERS = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(NUMBERS)
    address = f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}"
    case.headers["X-Forwarded-For"] = address
