"""What goes wrong on demand: which call it meets, and what happens to it.

A fault is a JSON object:

    kind      drop       the connection is cut
              hang       the call waits until it is released; then it goes on, or with "then": "drop" is cut
              error      it is answered by an error: codes, message, name, status, reasons
              cut        after "keep" bytes of the reply (default: half of them) the connection is cut
              trickle    the reply comes one byte at a time
              replace    the reply is "bytes" (hexadecimal)
              append     "bytes" follow the reply; "apart": not in one write with it
              twice      the reply comes twice
              late       the call waits until its client has hung up (or the fault is released), and is done then; hits:
                         one when it begins to wait, and one when it is done
              unprocessed  of a batch only the first "keep" parts are done
              or the name of one of PRESETS
    after     true: DynamoDB is asked first, so that a write happened all the same (drop, hang, error)
    call      a call's name, or "greeting"; default: any data call
    node      the number of a node; default: any
    table     default: any
    skip      how many calls go by before the first one is met; default 0
    times     how many are met; default 1, and -1 for all of them
    leader    the number of the node that leads from then on

At random: {"seed": 7, "share": 0.2, "faults": [...]} gives that share of the calls to one of those faults each; "times"
and "skip" mean nothing then, and nobody releases what hangs.
"""

import asyncio
import contextvars
import random

import errors
from errors import ServiceError

PRESETS = {
    "throttle": {"kind": "error", "name": "ThrottlingException", "message": "rate exceeded"},
    "unauthorized": {
        "kind": "error",
        "codes": errors.NOT_AUTHORIZED,
        "message": "authorize anew",
        "status": None,
        "deauthorize": True,
    },
    "outcome_unknown": {
        "kind": "error",
        "codes": errors.OUTCOME_UNKNOWN,
        "message": "no answer from DynamoDB",
        "status": 500,
    },
    "recovering": {"kind": "error", "codes": errors.RECOVERING, "message": "the cluster recovers", "status": 500},
    "internal": {"kind": "error", "name": "InternalServerError", "message": "an internal error", "status": 500},
    "garbage": {"kind": "replace", "bytes": "48545450"},
}
OF_REPLIES = {"cut", "trickle", "replace", "append", "twice", "unprocessed"}
KINDS = {"drop", "hang", "error", "late"} | OF_REPLIES
CONTROL_CALLS = {
    "greeting",
    "authorizeConnection",
    "endpoints",
    "defineKeySchema",
    "defineAttributeListId",
    "defineAttributeList",
}
FIELDS = {
    "kind",
    "after",
    "call",
    "node",
    "table",
    "skip",
    "times",
    "leader",
    "then",
    "codes",
    "message",
    "name",
    "status",
    "reasons",
    "keep",
    "bytes",
    "apart",
    "deauthorize",
}

# The fault that the call of this task has met.
current = contextvars.ContextVar("fault", default=None)


class Fault:
    def __init__(self, number, given):
        fields = {**PRESETS.get(given["kind"], {}), **{name: value for name, value in given.items() if name != "kind"}}
        self.kind = fields.pop("kind", given["kind"])
        if self.kind not in KINDS or fields.keys() - FIELDS:
            raise ValueError(f"there is no fault {given}")
        self.number, self.fields, self.hits = number, fields, 0
        self.skip, self.left = fields.get("skip", 0), fields.get("times", 1)
        self.released = asyncio.Event()

    def get(self, name, default=None):
        return self.fields.get(name, default)

    def fits(self, node, call, tables):
        wanted = self.get("call")
        if call != wanted if wanted else call in CONTROL_CALLS:
            return False
        return self.get("node", node.number) == node.number and ("table" not in self.fields or self.get("table") in tables)

    def meets(self, node, call, tables):
        if not self.fits(node, call, tables) or self.left == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.left -= 1
        return True

    def error(self):
        name = self.get("name")
        status = self.get("status", 400)
        codes = tuple(self.get("codes") or ()) or None
        return ServiceError(
            name, self.get("message", "a fault of the test"), codes=codes, status=status, reasons=self.get("reasons")
        )


class Faults:
    def __init__(self):
        self.active, self.given, self.chance, self.share, self.at_random = [], {}, None, 0.0, []

    def add_at_random(self, seed, share, faults):
        """One after the other, from one seed; concurrent calls meet them in their own order."""
        self.chance, self.share = random.Random(seed), share
        self.at_random = [Fault(0, fields) for fields in faults]

    def add(self, fields):
        fault = Fault(len(self.given) + 1, fields)
        self.given[fault.number] = fault
        self.active.append(fault)
        return fault

    def meet(self, node, call, tables=(), just_authorized=False):
        for fault in self.active:
            if fault.meets(node, call, tables):
                if fault.left == 0:
                    self.active.remove(fault)
                return fault
        if not self.at_random or self.chance.random() >= self.share:
            return None
        fault = self.chance.choice(self.at_random)
        if fault.get("deauthorize") and just_authorized:
            return None  # that would be wrong credentials
        return fault if fault.fits(node, call, tables) else None

    def clear(self):
        for fault in [*self.given.values(), *self.at_random]:
            fault.released.set()
        self.active.clear()
        self.at_random = []


def tables_of(call, arguments):
    """The names of the tables that a data call is about."""
    if not arguments or call in CONTROL_CALLS - {"defineKeySchema"}:
        return ()
    first = arguments[1] if call == "transactWriteItems" else arguments[0]
    names = first if isinstance(first, (list, dict)) else [first]
    return {name.decode(errors="replace") if isinstance(name, bytes) else name for name in names}
