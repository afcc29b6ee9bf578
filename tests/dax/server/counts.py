"""What a test wants to know afterwards: calls, what reached DynamoDB, and what a client did wrong."""

from collections import Counter

COMPLAINTS_MAX = 100
COUNTERS = ("calls", "hits", "dynamodb")
NUMBERS = ("connections", "cut_messages", "forwarded")
COMPLAINTS = ("refusals", "protocol_errors")


class Counts:
    """calls: by name, with "greeting". hits: answers from a cache, for items "item". dynamodb: what was asked of it, by
    operation; "refresh" is the node's own read of what a transaction wrote. forwarded: writes that a replica passed on.
    refusals: calls that broke a rule of the protocol. protocol_errors: bytes that were no call, and the connection was closed.
    """

    def __init__(self):
        for name in COUNTERS:
            setattr(self, name, Counter())
        for name in NUMBERS:
            setattr(self, name, 0)
        for name in COMPLAINTS:
            setattr(self, name, [])

    def refusal(self, message):
        if len(self.refusals) < COMPLAINTS_MAX:
            self.refusals.append(message)

    def protocol_error(self, message):
        if len(self.protocol_errors) < COMPLAINTS_MAX:
            self.protocol_errors.append(message)

    def add(self, other):
        for name in COUNTERS + NUMBERS + COMPLAINTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_json(self):
        return vars(self)
