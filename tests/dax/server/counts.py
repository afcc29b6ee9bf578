"""What a test wants to know afterwards: calls, what reached DynamoDB, and what a client did wrong."""

from collections import Counter

COMPLAINTS_MAX = 100


class Counts:
    def __init__(self):
        self.connections = 0
        self.calls, self.hits, self.dynamodb = Counter(), Counter(), Counter()
        self.refusals, self.protocol_errors = [], []

    def call(self, name):
        self.calls[name] += 1

    def refusal(self, message):
        if len(self.refusals) < COMPLAINTS_MAX:
            self.refusals.append(message)

    def protocol_error(self, message):
        if len(self.protocol_errors) < COMPLAINTS_MAX:
            self.protocol_errors.append(message)

    def as_json(self):
        return vars(self)
