"""The two caches of a node: items by key, and the answers of queries and scans by request."""

import time
from collections import OrderedDict


class TimedCache:
    """What was put last stays longest; nothing stays longer than `seconds()`, as it was when it came."""

    def __init__(self, seconds, entries_max=50_000):
        self.seconds, self.entries_max = seconds, entries_max
        self.entries = OrderedDict()

    def get(self, key):
        """What is held, as the first of a pair; None when nothing is."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        if entry[1] <= time.monotonic():
            del self.entries[key]
            return None
        return entry

    def put(self, key, value):
        self.entries.pop(key, None)
        self.entries[key] = (value, time.monotonic() + self.seconds())
        if len(self.entries) > self.entries_max:
            self.entries.popitem(last=False)

    def drop(self, key):
        self.entries.pop(key, None)

    def clear(self):
        self.entries.clear()
