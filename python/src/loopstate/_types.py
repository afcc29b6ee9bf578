# Written by tools/generate-catalogue from catalogue/*.toml.
"""What calls take and return.

Points in time are whole seconds since 1970-01-01 00:00 UTC; in an argument a datetime will do as well. Spans of time are seconds, in an
argument also a timedelta. Members that this version does not know are kept in `unknown`, and written back.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterator, List, Literal, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from . import errors

#: JSON objects, as the library reads and writes them.
Json = Dict[str, Any]
#: A point in time that a program gives.
Time = Union[int, datetime.datetime]
#: A span of time that a program gives.
Seconds = Union[int, float, datetime.timedelta]
#: Bytes that a program gives.
Body = Union[bytes, bytearray, memoryview]

T = TypeVar("T")


class Unset:
    """Nothing, where None is a value: JSON's null."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


def maybe(read: Callable[..., T], value: Any, *bodies: Iterator[bytes]) -> Optional[T]:
    return None if value is None else read(value, *bodies)


def list_of(kind: Any, name: str, given: Any) -> List[Any]:
    """What a program gives as a list of `kind`: the bytes alone will do for each."""
    if isinstance(given, (str, bytes, bytearray, memoryview, dict, kind)) or not hasattr(given, "__iter__"):
        raise TypeError(f"{name} is a list of {kind.__name__} or bytes, not {type(given).__name__}")
    return [each if isinstance(each, kind) else kind(each) for each in given]


@dataclass(frozen=True)
class Money:
    """An amount, in the smallest unit of its currency."""

    #: In the currency's smallest unit: cents of EUR, yen of JPY.
    minor_units: int
    #: None: nobody said which.
    currency: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> Money:
        return cls(
            minor_units=json["amount_cents"],
            currency=json.get("currency"),
        )


@dataclass(frozen=True)
class Vault:
    """Balances in the token's smallest unit."""

    #: CRED held.
    cred_balance: int = 0
    #: OXO held.
    oxo_balance: int = 0
    #: Staked.
    total_staked: int = 0
    #: Earned and not yet paid out.
    pending_yield: int = 0
    #: How many stakes are open.
    active_positions: int = 0
    #: When these balances were read.
    snapshot_at: int = 0
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> Vault:
        return cls(
            cred_balance=json.get("cred_balance", 0),
            oxo_balance=json.get("oxo_balance", 0),
            total_staked=json.get("total_staked", 0),
            pending_yield=json.get("pending_yield", 0),
            active_positions=json.get("active_positions", 0),
            snapshot_at=json.get("snapshot_at", 0),
            unknown={name: value for name, value in json.items() if name not in _VAULT},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["cred_balance"] = self.cred_balance
        json["oxo_balance"] = self.oxo_balance
        json["total_staked"] = self.total_staked
        json["pending_yield"] = self.pending_yield
        json["active_positions"] = self.active_positions
        json["snapshot_at"] = self.snapshot_at
        return json


_VAULT = frozenset(("cred_balance", "oxo_balance", "total_staked", "pending_yield", "active_positions", "snapshot_at",))


@dataclass(frozen=True)
class Notifications:
    """What the user wants to hear about."""

    #: A purchase was captured.
    on_capture: bool = True
    #: Something was staked.
    on_stake: bool = False
    #: Yield was earned.
    on_yield: bool = True
    #: A stake came free.
    on_unlock: bool = True
    #: Smaller amounts are not told, in the token's smallest unit.
    min_notify_amount: int = 1000000000
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> Notifications:
        return cls(
            on_capture=json.get("on_capture", True),
            on_stake=json.get("on_stake", False),
            on_yield=json.get("on_yield", True),
            on_unlock=json.get("on_unlock", True),
            min_notify_amount=json.get("min_notify_amount", 1000000000),
            unknown={name: value for name, value in json.items() if name not in _NOTIFICATIONS},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["on_capture"] = self.on_capture
        json["on_stake"] = self.on_stake
        json["on_yield"] = self.on_yield
        json["on_unlock"] = self.on_unlock
        json["min_notify_amount"] = self.min_notify_amount
        return json


_NOTIFICATIONS = frozenset(("on_capture", "on_stake", "on_yield", "on_unlock", "min_notify_amount",))


@dataclass(frozen=True)
class Preferences:
    """How the agent acts for the user."""

    #: Stake what is captured.
    auto_stake: bool = True
    #: For how long; in days.
    default_duration_days: int = 90
    #: Stake the yield too.
    auto_compound: bool = True
    #: From this yield on, in the token's smallest unit.
    compound_threshold: int = 10000000000
    #: A word of the agent's.
    risk_tolerance: str = "balanced"
    #: What the user wants to hear about.
    notifications: Notifications = field(default_factory=lambda: Notifications())
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> Preferences:
        return cls(
            auto_stake=json.get("auto_stake", True),
            default_duration_days=json.get("default_duration_days", 90),
            auto_compound=json.get("auto_compound", True),
            compound_threshold=json.get("compound_threshold", 10000000000),
            risk_tolerance=json.get("risk_tolerance", "balanced"),
            notifications=Notifications._read(json.get("notifications", {})),
            unknown={name: value for name, value in json.items() if name not in _PREFERENCES},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["auto_stake"] = self.auto_stake
        json["default_duration_days"] = self.default_duration_days
        json["auto_compound"] = self.auto_compound
        json["compound_threshold"] = self.compound_threshold
        json["risk_tolerance"] = self.risk_tolerance
        json["notifications"] = self.notifications
        return json


_PREFERENCES = frozenset(("auto_stake", "default_duration_days", "auto_compound", "compound_threshold",
    "risk_tolerance", "notifications",))


@dataclass(frozen=True)
class ContextEvent:
    """Something that happened, as the agent remembers it."""

    #: What kind of event; 1 to 200 bytes.
    event_type: str
    #: When it happened; default: now.
    timestamp: int = 0
    #: The event in words; at most 1,024 bytes.
    summary: str = ""
    #: In the smallest unit of what the event is about.
    amount: Optional[int] = None
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> ContextEvent:
        return cls(
            event_type=json["event_type"],
            timestamp=json["timestamp"],
            summary=json.get("summary", ""),
            amount=json.get("amount"),
            unknown={name: value for name, value in json.items() if name not in _CONTEXT_EVENT},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["event_type"] = self.event_type
        if self.timestamp:
            json["timestamp"] = self.timestamp
        json["summary"] = self.summary
        if self.amount is not None:
            json["amount"] = self.amount
        return json


_CONTEXT_EVENT = frozenset(("event_type", "timestamp", "summary", "amount",))


@dataclass(frozen=True)
class Context:
    """What an agent knows about a user between two invocations."""

    #: Whose it is.
    pubkey: str
    #: Balances.
    vault: Vault = field(default_factory=lambda: Vault())
    #: How the agent acts for the user.
    preferences: Preferences = field(default_factory=lambda: Preferences())
    #: Newest first; at most 10 events.
    recent_events: Sequence[ContextEvent] = ()
    #: What the agent remembers, by key.
    agent_memory: Mapping[str, Any] = field(default_factory=dict)
    #: When it was last written.
    updated_at: int = 0
    #: Counts the writes: 1 for a new user; 0: never stored.
    version: int = 0
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> Context:
        return cls(
            pubkey=json["pubkey"],
            vault=Vault._read(json.get("vault", {})),
            preferences=Preferences._read(json.get("preferences", {})),
            recent_events=[ContextEvent._read(each) for each in json.get("recent_events", ())],
            agent_memory=json.get("agent_memory", {}),
            updated_at=json.get("updated_at", 0),
            version=json.get("version", 0),
            unknown={name: value for name, value in json.items() if name not in _CONTEXT},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["pubkey"] = self.pubkey
        json["vault"] = self.vault
        json["preferences"] = self.preferences
        json["recent_events"] = self.recent_events
        json["agent_memory"] = self.agent_memory
        json["updated_at"] = self.updated_at
        json["version"] = self.version
        return json


_CONTEXT = frozenset(("pubkey", "vault", "preferences", "recent_events", "agent_memory", "updated_at", "version",))


@dataclass(frozen=True)
class ContextChange:
    """One change of a patch."""

    #: "preferences.notifications.on_stake", or "agent_memory.KEY": all after the first dot is the key.
    path: str
    #: None: the default is restored, or the memory key removed.
    value: Any = UNSET

    @classmethod
    def _read(cls, json: Json) -> ContextChange:
        return cls(
            path=json["path"],
            value=json.get("value", UNSET),
        )

    def _wire(self) -> Json:
        json: Json = {}
        json["path"] = self.path
        if self.value is not UNSET:
            json["value"] = self.value
        return json


@dataclass(frozen=True)
class Conflict:
    """What a VersionConflict of a context carries."""

    #: As stored now.
    current: Context
    #: Changed by both sides, if the call was given the context as it was read.
    paths: Sequence[str]

    @classmethod
    def _read(cls, json: Json) -> Conflict:
        return cls(
            current=Context._read(json["current"]),
            paths=json["paths"],
        )


@dataclass(frozen=True)
class FetchedContext:
    """One user's answer of many: a context or an error."""

    #: As asked.
    user: str
    #: None: there is an error.
    context: Optional[Context] = None
    #: None: there is a context.
    error: Optional[errors.Error] = None

    @classmethod
    def _read(cls, json: Json) -> FetchedContext:
        return cls(
            user=json["user"],
            context=maybe(Context._read, json.get("context")),
            error=maybe(errors.from_json, json.get("error")),
        )


@dataclass(frozen=True)
class Card:
    """Which user a card belongs to."""

    #: The card.
    fingerprint: str
    #: Whose it is.
    user: str
    #: Four digits, or empty.
    last4: str
    #: When it was linked; 0: not known.
    linked_at: int

    @classmethod
    def _read(cls, json: Json) -> Card:
        return cls(
            fingerprint=json["fingerprint"],
            user=json["user_pubkey"],
            last4=json["card_last4"],
            linked_at=json["linked_at"],
        )


@dataclass(frozen=True)
class LinkedCard:
    """A card that was linked, and the purchases that had waited for it."""

    #: The card.
    fingerprint: str
    #: Whose it is.
    user: str
    #: Four digits, or empty.
    last4: str
    #: When it was linked.
    linked_at: int
    #: What had waited and is now pending, in the order in which it came.
    recorded: Sequence[Capture] = ()
    #: What left the full ring for it, oldest first.
    dropped: Sequence[Capture] = ()
    #: Of the user's context after that; 0: nothing had waited.
    version: int = 0

    @classmethod
    def _read(cls, json: Json) -> LinkedCard:
        return cls(
            fingerprint=json["fingerprint"],
            user=json["user_pubkey"],
            last4=json["card_last4"],
            linked_at=json["linked_at"],
            recorded=[Capture._read(each) for each in json.get("recorded", ())],
            dropped=[Capture._read(each) for each in json.get("dropped", ())],
            version=json.get("version", 0),
        )


@dataclass(frozen=True)
class CaptureLocation:
    """Where a purchase was made."""

    #: North is positive; in degrees.
    latitude: float
    #: East is positive; in degrees.
    longitude: float
    #: How exact it is; in metres.
    accuracy_m: float
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> CaptureLocation:
        return cls(
            latitude=json["latitude"],
            longitude=json["longitude"],
            accuracy_m=json["accuracy_m"],
            unknown={name: value for name, value in json.items() if name not in _CAPTURE_LOCATION},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["latitude"] = self.latitude
        json["longitude"] = self.longitude
        json["accuracy_m"] = self.accuracy_m
        return json


_CAPTURE_LOCATION = frozenset(("latitude", "longitude", "accuracy_m",))


@dataclass(frozen=True)
class Capture:
    """A purchase whose value is still to be captured."""

    #: Where.
    merchant_id: str
    #: In the currency's smallest unit.
    amount_cents: int
    #: The store gives it.
    id: str = ""
    #: Its name.
    merchant_name: Optional[str] = None
    #: The last four digits of the card's number.
    card_last4: Optional[str] = None
    #: What proves the purchase; at most 65,536 bytes.
    proof_data: Optional[str] = None
    #: What kind of proof that is.
    proof_type: Optional[str] = None
    #: Where it was made.
    location: Optional[CaptureLocation] = None
    #: When it was made; default: now.
    created_at: int = 0
    #: After this it does not exist. Default, and at most: the configured lifetime from now.
    expires_at: int = 0
    #: None: nobody said which.
    currency: Optional[str] = None
    #: What was refunded of it.
    refunded_cents: int = 0
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> Capture:
        return cls(
            id=json.get("id", ""),
            merchant_id=json["merchant_id"],
            merchant_name=json.get("merchant_name"),
            amount_cents=json["amount_cents"],
            card_last4=json.get("card_last4"),
            proof_data=json.get("proof_data"),
            proof_type=json.get("proof_type"),
            location=maybe(CaptureLocation._read, json.get("location")),
            created_at=json["created_at"],
            expires_at=json["expires_at"],
            currency=json.get("currency"),
            refunded_cents=json.get("refunded_cents", 0),
            unknown={name: value for name, value in json.items() if name not in _CAPTURE},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        if self.id:
            json["id"] = self.id
        json["merchant_id"] = self.merchant_id
        if self.merchant_name is not None:
            json["merchant_name"] = self.merchant_name
        json["amount_cents"] = self.amount_cents
        if self.card_last4 is not None:
            json["card_last4"] = self.card_last4
        if self.proof_data is not None:
            json["proof_data"] = self.proof_data
        if self.proof_type is not None:
            json["proof_type"] = self.proof_type
        if self.location is not None:
            json["location"] = self.location
        if self.created_at:
            json["created_at"] = self.created_at
        if self.expires_at:
            json["expires_at"] = self.expires_at
        if self.currency is not None:
            json["currency"] = self.currency
        json["refunded_cents"] = self.refunded_cents
        return json


_CAPTURE = frozenset(("id", "merchant_id", "merchant_name", "amount_cents", "card_last4", "proof_data", "proof_type",
    "location", "created_at", "expires_at", "currency", "refunded_cents",))


@dataclass(frozen=True)
class AddedCaptureSeenBefore:
    """The transaction had been seen in another call: nothing was added."""

    #: What that call added; empty: not known.
    capture_id: str
    #: Of the context, if it was read.
    version: Optional[int] = None
    state: Literal["seen_before"] = "seen_before"

    @classmethod
    def _read(cls, json: Json) -> AddedCaptureSeenBefore:
        return cls(
            capture_id=json["capture_id"],
            version=json.get("version"),
        )


@dataclass(frozen=True)
class AddedCaptureAdded:
    """It is pending."""

    #: As stored, with its id.
    capture: Capture
    #: What left the full ring, oldest first.
    dropped: Sequence[Capture]
    #: Of the context, after the write.
    version: int
    state: Literal["added"] = "added"

    @classmethod
    def _read(cls, json: Json) -> AddedCaptureAdded:
        return cls(
            capture=Capture._read(json["capture"]),
            dropped=[Capture._read(each) for each in json["dropped"]],
            version=json["version"],
        )


#: What became of a capture that was to be added. `state` says which.
AddedCapture = Union[
    AddedCaptureSeenBefore,
    AddedCaptureAdded,
]


def read_added_capture(json: Json) -> AddedCapture:
    made: AddedCapture = _ADDED_CAPTURE[json["state"]](json)
    return made


_ADDED_CAPTURE: Dict[str, Callable[[Json], Any]] = {
    "seen_before": AddedCaptureSeenBefore._read,
    "added": AddedCaptureAdded._read,
}


@dataclass(frozen=True)
class PurchaseRecord:
    """One purchase to record."""

    #: Names the payment.
    transaction: str
    #: The card it was made with.
    fingerprint: str
    #: What is to be pending.
    capture: Capture
    #: What the user's context says about it.
    event: ContextEvent
    #: How long the transaction is remembered; default: as configured; 1 to 315,360,000.
    transaction_lifetime: Optional[Seconds] = None
    #: If the card belongs to nobody: how long the purchase waits for somebody to link it; default: not at all; 1 to
    #: 86,400.
    keep_unknown: Optional[Seconds] = None

    @classmethod
    def _read(cls, json: Json) -> PurchaseRecord:
        return cls(
            transaction=json["transaction"],
            fingerprint=json["fingerprint"],
            capture=Capture._read(json["capture"]),
            event=ContextEvent._read(json["event"]),
            transaction_lifetime=json.get("transaction_lifetime"),
            keep_unknown=json.get("keep_unknown"),
        )

    def _wire(self) -> Json:
        json: Json = {}
        json["transaction"] = self.transaction
        json["fingerprint"] = self.fingerprint
        json["capture"] = self.capture
        json["event"] = self.event
        if self.transaction_lifetime is not None:
            json["transaction_lifetime"] = self.transaction_lifetime
        if self.keep_unknown is not None:
            json["keep_unknown"] = self.keep_unknown
        return json


@dataclass(frozen=True)
class RecordUnknownCard:
    """The card belongs to nobody, and nothing was written."""

    state: Literal["unknown_card"] = "unknown_card"

    @classmethod
    def _read(cls, json: Json) -> RecordUnknownCard:
        return cls(
        )


@dataclass(frozen=True)
class RecordRecorded:
    """It is pending."""

    #: Whose card it is.
    user: str
    #: Of the capture as stored.
    capture_id: str
    #: What left the full ring, oldest first.
    dropped: Sequence[Capture]
    #: Of the context, after the write.
    version: int
    state: Literal["recorded"] = "recorded"

    @classmethod
    def _read(cls, json: Json) -> RecordRecorded:
        return cls(
            user=json["user"],
            capture_id=json["capture_id"],
            dropped=[Capture._read(each) for each in json["dropped"]],
            version=json["version"],
        )


@dataclass(frozen=True)
class RecordDuplicate:
    """The transaction had been seen in another call: nothing was written."""

    #: When, and for whom.
    seen: ProcessedTransaction
    state: Literal["duplicate"] = "duplicate"

    @classmethod
    def _read(cls, json: Json) -> RecordDuplicate:
        return cls(
            seen=ProcessedTransaction._read(json["seen"]),
        )


@dataclass(frozen=True)
class RecordWaiting:
    """The card belongs to nobody, and the purchase waits: whoever links the card in time gets it."""

    #: So long.
    until: int
    state: Literal["waiting"] = "waiting"

    @classmethod
    def _read(cls, json: Json) -> RecordWaiting:
        return cls(
            until=json["until"],
        )


#: What became of a purchase. `state` says which.
RecordOutcome = Union[
    RecordUnknownCard,
    RecordRecorded,
    RecordDuplicate,
    RecordWaiting,
]


def read_record_outcome(json: Json) -> RecordOutcome:
    made: RecordOutcome = _RECORD_OUTCOME[json["state"]](json)
    return made


_RECORD_OUTCOME: Dict[str, Callable[[Json], Any]] = {
    "unknown_card": RecordUnknownCard._read,
    "recorded": RecordRecorded._read,
    "duplicate": RecordDuplicate._read,
    "waiting": RecordWaiting._read,
}


#: What a report about money that goes back is about.
RefundKind = Literal["refund", "dispute", "total"]


#: How it stands.
RefundState = Literal["taken", "lost", "given_back"]


@dataclass(frozen=True)
class RefundRecord:
    """One report about money that goes back to the payer, or does not after all."""

    #: Names the refund, the dispute or the total, e.g. "square:r1:refund".
    refund: str
    #: Names the payment that it takes back.
    payment: str
    #: In the currency's smallest unit.
    amount_cents: int
    #: None: the payment's.
    currency: Optional[str] = None
    #: What it is.
    kind: RefundKind = "refund"
    #: How it stands.
    state: RefundState = "taken"
    #: When the refund was made, by the provider's clock; None: unknown.
    begun_at: Optional[int] = None
    #: When the provider said so; default: now.
    reported_at: Optional[int] = None
    #: How long the report is remembered; default: as configured; 1 to 315,360,000.
    transaction_lifetime: Optional[Seconds] = None

    @classmethod
    def _read(cls, json: Json) -> RefundRecord:
        return cls(
            refund=json["refund"],
            payment=json["payment"],
            amount_cents=json["amount_cents"],
            currency=json.get("currency"),
            kind=json.get("kind", "refund"),
            state=json.get("state", "taken"),
            begun_at=json.get("begun_at"),
            reported_at=json.get("reported_at"),
            transaction_lifetime=json.get("transaction_lifetime"),
        )

    def _wire(self) -> Json:
        json: Json = {}
        json["refund"] = self.refund
        json["payment"] = self.payment
        json["amount_cents"] = self.amount_cents
        if self.currency is not None:
            json["currency"] = self.currency
        json["kind"] = self.kind
        json["state"] = self.state
        if self.begun_at is not None:
            json["begun_at"] = self.begun_at
        if self.reported_at is not None:
            json["reported_at"] = self.reported_at
        if self.transaction_lifetime is not None:
            json["transaction_lifetime"] = self.transaction_lifetime
        return json


@dataclass(frozen=True)
class RefundChange:
    """How a report changed the payment."""

    #: Of the context, after the write.
    version: int
    #: By how much the payment's refunded amount grew or fell.
    changed: Money
    #: The capture's new value while it is pending.
    refunded: Optional[Money] = None

    @classmethod
    def _read(cls, json: Json) -> RefundChange:
        return cls(
            version=json["version"],
            changed=Money._read(json["changed"]),
            refunded=maybe(Money._read, json.get("refunded")),
        )


@dataclass(frozen=True)
class RefundUnknownPayment:
    """Nobody has recorded the payment; if somebody does, the refund is deducted then."""

    state: Literal["unknown_payment"] = "unknown_payment"

    @classmethod
    def _read(cls, json: Json) -> RefundUnknownPayment:
        return cls(
        )


@dataclass(frozen=True)
class RefundRecorded:
    """The payment's refunded amount grew."""

    #: Whose payment it is.
    user: str
    #: By how much.
    change: RefundChange
    state: Literal["recorded"] = "recorded"

    @classmethod
    def _read(cls, json: Json) -> RefundRecorded:
        return cls(
            user=json["user"],
            change=RefundChange._read(json["change"]),
        )


@dataclass(frozen=True)
class RefundUndone:
    """It fell: money that had been taken back stays after all."""

    #: Whose payment it is.
    user: str
    #: By how much.
    change: RefundChange
    state: Literal["undone"] = "undone"

    @classmethod
    def _read(cls, json: Json) -> RefundUndone:
        return cls(
            user=json["user"],
            change=RefundChange._read(json["change"]),
        )


@dataclass(frozen=True)
class RefundDuplicate:
    """The report says nothing new."""

    #: Whose payment it is.
    user: str
    state: Literal["duplicate"] = "duplicate"

    @classmethod
    def _read(cls, json: Json) -> RefundDuplicate:
        return cls(
            user=json["user"],
        )


@dataclass(frozen=True)
class RefundNoted:
    """It is new, but changes nothing by itself."""

    #: Whose payment it is.
    user: str
    state: Literal["noted"] = "noted"

    @classmethod
    def _read(cls, json: Json) -> RefundNoted:
        return cls(
            user=json["user"],
        )


@dataclass(frozen=True)
class RefundExceedsPayment:
    """It is more than was paid and not yet refunded: what is left is deducted, and no more."""

    #: Whose payment it is.
    user: str
    #: None: nothing was left to deduct.
    change: Optional[RefundChange] = None
    state: Literal["exceeds_payment"] = "exceeds_payment"

    @classmethod
    def _read(cls, json: Json) -> RefundExceedsPayment:
        return cls(
            user=json["user"],
            change=maybe(RefundChange._read, json.get("change")),
        )


@dataclass(frozen=True)
class RefundOtherCurrency:
    """It is not in the payment's currency: remembered, but not counted."""

    #: Whose payment it is.
    user: str
    #: If it replaces a report that was counted.
    change: Optional[RefundChange] = None
    state: Literal["other_currency"] = "other_currency"

    @classmethod
    def _read(cls, json: Json) -> RefundOtherCurrency:
        return cls(
            user=json["user"],
            change=maybe(RefundChange._read, json.get("change")),
        )


#: What became of a report of a refund. `state` says which.
RefundOutcome = Union[
    RefundUnknownPayment,
    RefundRecorded,
    RefundUndone,
    RefundDuplicate,
    RefundNoted,
    RefundExceedsPayment,
    RefundOtherCurrency,
]


def read_refund_outcome(json: Json) -> RefundOutcome:
    made: RefundOutcome = _REFUND_OUTCOME[json["state"]](json)
    return made


_REFUND_OUTCOME: Dict[str, Callable[[Json], Any]] = {
    "unknown_payment": RefundUnknownPayment._read,
    "recorded": RefundRecorded._read,
    "undone": RefundUndone._read,
    "duplicate": RefundDuplicate._read,
    "noted": RefundNoted._read,
    "exceeds_payment": RefundExceedsPayment._read,
    "other_currency": RefundOtherCurrency._read,
}


@dataclass(frozen=True)
class ProcessedTransaction:
    """The mark of a transaction whose work is done."""

    #: Which.
    transaction: str
    #: Whose.
    user: str
    #: Its amount in the smallest unit.
    cred_amount: int
    #: When it was marked.
    processed_at: int
    #: Of what was claimed: SHA-256, in lower-case hexadecimal.
    payload_hash: Optional[str] = None
    #: What the work's result was.
    result: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> ProcessedTransaction:
        return cls(
            transaction=json["transaction"],
            user=json["user_pubkey"],
            cred_amount=json["cred_amount"],
            processed_at=json["processed_at"],
            payload_hash=json.get("payload_hash"),
            result=json.get("result"),
        )


@dataclass(frozen=True)
class MarkOutcome:
    """Whether a call was the first to mark a transaction."""

    #: This call marked it.
    first: bool
    #: The mark that stands.
    record: ProcessedTransaction

    @classmethod
    def _read(cls, json: Json) -> MarkOutcome:
        return cls(
            first=json["first"],
            record=ProcessedTransaction._read(json["record"]),
        )


@dataclass(frozen=True)
class Claim:
    """The right to do the work of one transaction until its lease ends."""

    #: Which.
    transaction: str
    #: Increases by one with every holder, so that an outside system can refuse a late one.
    fence: int
    #: Who holds it, for people.
    holder: str
    #: Of what was claimed: SHA-256, in lower-case hexadecimal.
    payload_hash: str
    #: When the lease ends.
    lease_until: int = 0

    @classmethod
    def _read(cls, json: Json) -> Claim:
        return cls(
            transaction=json["transaction"],
            fence=json["fence"],
            holder=json["holder"],
            payload_hash=json["payload_hash"],
            lease_until=json["lease_until"],
        )

    def _wire(self) -> Json:
        json: Json = {}
        json["transaction"] = self.transaction
        json["fence"] = self.fence
        json["holder"] = self.holder
        json["payload_hash"] = self.payload_hash
        if self.lease_until:
            json["lease_until"] = self.lease_until
        return json


#: What to do about a claim whose holder died.
LapsedPolicy = Literal["rerun", "refuse", "reconcile"]


@dataclass(frozen=True)
class ClaimOtherPayload:
    """The transaction was claimed or done with another payload: refused."""

    #: The current one, whoever holds it.
    fence: int
    state: Literal["other_payload"] = "other_payload"

    @classmethod
    def _read(cls, json: Json) -> ClaimOtherPayload:
        return cls(
            fence=json["fence"],
        )


@dataclass(frozen=True)
class ClaimFresh:
    """The claim is the caller's."""

    #: The caller's.
    claim: Claim
    #: The current one, whoever holds it.
    fence: int
    state: Literal["fresh"] = "fresh"

    @classmethod
    def _read(cls, json: Json) -> ClaimFresh:
        return cls(
            claim=Claim._read(json["claim"]),
            fence=json["fence"],
        )


@dataclass(frozen=True)
class ClaimInProgress:
    """Somebody else holds it."""

    #: When the other holder's lease ends.
    until: int
    #: The current one, whoever holds it.
    fence: int
    state: Literal["in_progress"] = "in_progress"

    @classmethod
    def _read(cls, json: Json) -> ClaimInProgress:
        return cls(
            until=json["until"],
            fence=json["fence"],
        )


@dataclass(frozen=True)
class ClaimDone:
    """The work is done."""

    #: With the stored result.
    record: ProcessedTransaction
    #: The current one, whoever holds it.
    fence: int
    state: Literal["done"] = "done"

    @classmethod
    def _read(cls, json: Json) -> ClaimDone:
        return cls(
            record=ProcessedTransaction._read(json["record"]),
            fence=json["fence"],
        )


@dataclass(frozen=True)
class ClaimLapsed:
    """The previous holder died."""

    #: The current one, whoever holds it.
    fence: int
    #: The caller's under reconcile; None under refuse.
    claim: Optional[Claim] = None
    state: Literal["lapsed"] = "lapsed"

    @classmethod
    def _read(cls, json: Json) -> ClaimLapsed:
        return cls(
            claim=maybe(Claim._read, json.get("claim")),
            fence=json["fence"],
        )


#: What became of a request for a claim. `state` says which.
ClaimOutcome = Union[
    ClaimOtherPayload,
    ClaimFresh,
    ClaimInProgress,
    ClaimDone,
    ClaimLapsed,
]


def read_claim_outcome(json: Json) -> ClaimOutcome:
    made: ClaimOutcome = _CLAIM_OUTCOME[json["state"]](json)
    return made


_CLAIM_OUTCOME: Dict[str, Callable[[Json], Any]] = {
    "other_payload": ClaimOtherPayload._read,
    "fresh": ClaimFresh._read,
    "in_progress": ClaimInProgress._read,
    "done": ClaimDone._read,
    "lapsed": ClaimLapsed._read,
}


@dataclass(frozen=True)
class Session:
    """What an agent may do on a user's behalf, for how long and how often."""

    #: The session's key.
    key_pubkey: str
    #: The vault it acts on.
    vault_pubkey: str
    #: What it may do.
    scopes: Sequence[str]
    #: How often it may act.
    max_actions: int
    #: Default: the configured lifetime from now.
    expires_at: int = 0
    #: Default: now.
    created_at: int = 0
    #: How often it has.
    actions_used: int = 0
    #: Members that this version does not know.
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def _read(cls, json: Json) -> Session:
        return cls(
            key_pubkey=json["key_pubkey"],
            vault_pubkey=json["vault_pubkey"],
            scopes=json["scopes"],
            expires_at=json["expires_at"],
            created_at=json["created_at"],
            max_actions=json["max_actions"],
            actions_used=json.get("actions_used", 0),
            unknown={name: value for name, value in json.items() if name not in _SESSION},
        )

    def _wire(self) -> Json:
        json: Json = dict(self.unknown)
        json["key_pubkey"] = self.key_pubkey
        json["vault_pubkey"] = self.vault_pubkey
        json["scopes"] = self.scopes
        if self.expires_at:
            json["expires_at"] = self.expires_at
        if self.created_at:
            json["created_at"] = self.created_at
        json["max_actions"] = self.max_actions
        json["actions_used"] = self.actions_used
        return json


_SESSION = frozenset(("key_pubkey", "vault_pubkey", "scopes", "expires_at", "created_at", "max_actions",
    "actions_used",))


@dataclass(frozen=True)
class Authorization:
    """An action that was allowed and is spent."""

    #: After this one.
    actions_left: int

    @classmethod
    def _read(cls, json: Json) -> Authorization:
        return cls(
            actions_left=json["actions_left"],
        )


@dataclass(frozen=True)
class Location:
    """Where the user is: the merchant whose geofence the user entered."""

    #: The merchant.
    merchant: str
    #: When.
    entered_at: int

    @classmethod
    def _read(cls, json: Json) -> Location:
        return cls(
            merchant=json["merchant_id"],
            entered_at=json["entered_at"],
        )


@dataclass(frozen=True)
class Snapshot:
    """Everything in a user's partition, as at one moment."""

    #: As asked.
    user: str
    #: The user was erased.
    erased: bool
    #: Newest first.
    captures: Sequence[Capture]
    #: By fingerprint.
    cards: Sequence[Card]
    #: Of documents, by name.
    collections: Sequence[CollectionInfo]
    #: What an agent knows.
    context: Optional[Context] = None
    #: What it may do.
    session: Optional[Session] = None
    #: Where the user is.
    location: Optional[Location] = None

    @classmethod
    def _read(cls, json: Json) -> Snapshot:
        return cls(
            user=json["user"],
            erased=json["erased"],
            context=maybe(Context._read, json.get("context")),
            session=maybe(Session._read, json.get("session")),
            captures=[Capture._read(each) for each in json["captures"]],
            cards=[Card._read(each) for each in json["cards"]],
            location=maybe(Location._read, json.get("location")),
            collections=[CollectionInfo._read(each) for each in json["collections"]],
        )


@dataclass(frozen=True)
class EraseReceipt:
    """What an erasure removed."""

    #: Who was erased.
    user: str
    #: Of the tombstone.
    version: int
    #: When.
    erased_at: int
    #: In the user's partition.
    items_removed: int
    #: The cards' own items.
    cards_removed: int
    #: The whole table was scanned.
    scanned: bool
    #: By the scan.
    transactions_removed: int = 0
    #: Items that the scan could not read, any of which may belong to the user.
    unreadable: int = 0

    @classmethod
    def _read(cls, json: Json) -> EraseReceipt:
        return cls(
            user=json["user"],
            version=json["version"],
            erased_at=json["erased_at"],
            items_removed=json["items_removed"],
            cards_removed=json["cards_removed"],
            scanned=json["scanned"],
            transactions_removed=json.get("transactions_removed", 0),
            unreadable=json.get("unreadable", 0),
        )


@dataclass(frozen=True)
class NewDocument:
    """What is to be stored."""

    #: Any bytes; at most 67,108,864 bytes.
    body: Body
    #: What a list shows of it; at most 4,096 bytes.
    meta: Any = None
    #: The document ceases to exist after this long; default: it stays; 1 to 3,155,760,000.
    lifetime: Optional[Seconds] = None

    @classmethod
    def _read(cls, json: Json, bodies: Iterator[bytes]) -> NewDocument:
        return cls(
            body=next(bodies, b""),
            meta=json.get("meta", None),
            lifetime=json.get("lifetime"),
        )

    def _wire(self) -> Json:
        json: Json = {}
        json["meta"] = self.meta
        if self.lifetime is not None:
            json["lifetime"] = self.lifetime
        return json


@dataclass(frozen=True)
class Document:
    """A document as stored."""

    #: 1 to 400 bytes; an appended document's is its number, in 20 digits.
    key: str
    #: Empty where it was not asked for.
    body: bytes
    #: Of the body.
    size: int
    #: As it was given.
    meta: Any
    #: Greater after every write, also across a removal; from 1 again once the user was erased, and 30 days after a
    #: drop.
    version: int
    #: When it was first stored.
    created_at: int
    #: When it was last stored.
    updated_at: int
    #: When it ceases to exist.
    expires_at: Optional[int] = None

    @classmethod
    def _read(cls, json: Json, bodies: Iterator[bytes]) -> Document:
        return cls(
            key=json["key"],
            body=next(bodies, b""),
            size=json["size"],
            meta=json["meta"],
            version=json["version"],
            created_at=json["created_at"],
            updated_at=json["updated_at"],
            expires_at=json.get("expires_at"),
        )


@dataclass(frozen=True)
class StoredDocument:
    """What a write of a document made."""

    #: Its key.
    key: str
    #: After the write.
    version: int

    @classmethod
    def _read(cls, json: Json) -> StoredDocument:
        return cls(
            key=json["key"],
            version=json["version"],
        )


@dataclass(frozen=True)
class AppendedDocuments:
    """The numbers of the entries of one append: consecutive, from 1 in a new collection."""

    #: Of the first entry.
    first: int
    #: Of the last entry.
    last: int
    #: The collection's, for `in_generation`.
    generation: str

    @classmethod
    def _read(cls, json: Json) -> AppendedDocuments:
        return cls(
            first=json["first"],
            last=json["last"],
            generation=json["generation"],
        )


@dataclass(frozen=True)
class DocumentPage:
    """Some of a collection's documents, in the order asked for."""

    #: The documents.
    documents: Sequence[Document]
    #: Where the next page begins (`after`); None: this was the last one.
    next: Optional[str] = None
    #: The collection's, for `in_generation`; None: there is none.
    generation: Optional[str] = None

    @classmethod
    def _read(cls, json: Json, bodies: Iterator[bytes]) -> DocumentPage:
        return cls(
            documents=[Document._read(each, bodies) for each in json["documents"]],
            next=json.get("next"),
            generation=json.get("generation"),
        )


@dataclass(frozen=True)
class CollectionInfo:
    """A collection of documents."""

    #: Its name.
    collection: str
    #: How many documents were ever appended.
    appended: int
    #: When it was made.
    created_at: int

    @classmethod
    def _read(cls, json: Json) -> CollectionInfo:
        return cls(
            collection=json["collection"],
            appended=json["appended"],
            created_at=json["created_at"],
        )


@dataclass(frozen=True)
class OpenedReader:
    """A document that is read piece by piece."""

    #: For `documents.reader.next` and `close`, in the store that opened it.
    reader: int
    #: The document without its body.
    document: Document

    @classmethod
    def _read(cls, json: Json, bodies: Iterator[bytes]) -> OpenedReader:
        return cls(
            reader=json["reader"],
            document=Document._read(json["document"], bodies),
        )


@dataclass(frozen=True)
class OpenedWriter:
    """A document that is written piece by piece."""

    #: For `documents.writer.write`, `finish` and `abandon`, in the store that opened it.
    writer: int

    @classmethod
    def _read(cls, json: Json) -> OpenedWriter:
        return cls(
            writer=json["writer"],
        )


@dataclass(frozen=True)
class ReadCost:
    """What an answer took."""

    #: To the engine, retries not included.
    requests: int
    #: Looked at to find the answer.
    items: int
    #: What DynamoDB charged; 0 for an embedded store.
    read_units: float

    @classmethod
    def _read(cls, json: Json) -> ReadCost:
        return cls(
            requests=json["requests"],
            items=json["items"],
            read_units=json["read_units"],
        )


@dataclass(frozen=True)
class UserEntry:
    """A user about whom anything is stored."""

    #: Who.
    user: str
    #: Of the context, or of the tombstone; 0: there is none.
    version: int
    #: How many captures are pending.
    pending: int
    #: How many cards are linked.
    cards: int
    #: There is a session.
    session: bool
    #: There is a location.
    location: bool
    #: The latest change that the user's items tell.
    touched_at: Optional[int] = None
    #: When the user was erased.
    erased_at: Optional[int] = None

    @classmethod
    def _read(cls, json: Json) -> UserEntry:
        return cls(
            user=json["user"],
            version=json["version"],
            touched_at=json.get("touched_at"),
            erased_at=json.get("erased_at"),
            pending=json["pending"],
            cards=json["cards"],
            session=json["session"],
            location=json["location"],
        )


@dataclass(frozen=True)
class UserPage:
    """One page of users."""

    #: May be empty, and there may still be a next page.
    entries: Sequence[UserEntry]
    #: Items that cannot be read and may belong to the answer.
    unreadable: int
    #: What the page took.
    cost: ReadCost
    #: Where the next page begins (`after`); None: this was the last one.
    next: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> UserPage:
        return cls(
            entries=[UserEntry._read(each) for each in json["entries"]],
            next=json.get("next"),
            unreadable=json["unreadable"],
            cost=ReadCost._read(json["cost"]),
        )


@dataclass(frozen=True)
class PendingCapture:
    """A capture that is pending, whoever's it is."""

    #: Whose.
    user: str
    #: The capture.
    capture: Capture
    #: The payment it came with, if its row names one.
    transaction: Optional[str] = None
    #: When it ceases to exist.
    kept_until: Optional[int] = None

    @classmethod
    def _read(cls, json: Json) -> PendingCapture:
        return cls(
            user=json["user"],
            capture=Capture._read(json["capture"]),
            transaction=json.get("transaction"),
            kept_until=json.get("kept_until"),
        )


@dataclass(frozen=True)
class PendingPage:
    """One page of pending captures."""

    #: May be empty, and there may still be a next page.
    entries: Sequence[PendingCapture]
    #: Items that cannot be read and may belong to the answer.
    unreadable: int
    #: What the page took.
    cost: ReadCost
    #: Where the next page begins (`after`); None: this was the last one.
    next: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> PendingPage:
        return cls(
            entries=[PendingCapture._read(each) for each in json["entries"]],
            next=json.get("next"),
            unreadable=json["unreadable"],
            cost=ReadCost._read(json["cost"]),
        )


#: How a capture ceased to be pending.
Ending = Literal["settled", "dropped"]


@dataclass(frozen=True)
class EndedCapture:
    """What is left of a capture that was settled or dropped, for at least 100 days."""

    #: Whose.
    user: str
    #: The capture's.
    id: str
    #: How it ended.
    ending: Ending
    #: When.
    ended_at: int
    #: Where.
    merchant_id: str
    #: In the currency's smallest unit.
    amount_cents: int
    #: What was refunded of it.
    refunded_cents: int
    #: None: not known.
    currency: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> EndedCapture:
        return cls(
            user=json["user"],
            id=json["id"],
            ending=json["ending"],
            ended_at=json["ended_at"],
            merchant_id=json["merchant_id"],
            amount_cents=json["amount_cents"],
            currency=json.get("currency"),
            refunded_cents=json["refunded_cents"],
        )


@dataclass(frozen=True)
class EndedPage:
    """One page of captures that ended."""

    #: May be empty, and there may still be a next page.
    entries: Sequence[EndedCapture]
    #: Items that cannot be read and may belong to the answer.
    unreadable: int
    #: What the page took.
    cost: ReadCost
    #: Where the next page begins (`after`); None: this was the last one.
    next: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> EndedPage:
        return cls(
            entries=[EndedCapture._read(each) for each in json["entries"]],
            next=json.get("next"),
            unreadable=json["unreadable"],
            cost=ReadCost._read(json["cost"]),
        )


@dataclass(frozen=True)
class SeenPayment:
    """A transaction whose mark exists."""

    #: Which.
    transaction: str
    #: Whose.
    user: str
    #: In the currency's smallest unit.
    amount_cents: int
    #: What was refunded of it.
    refunded_cents: int
    #: When it was marked.
    processed_at: int
    #: None: not known.
    currency: Optional[str] = None
    #: Until then a repetition is a duplicate.
    remembered_until: Optional[int] = None
    #: What the work's result was.
    result: Optional[str] = None
    #: Of what was claimed.
    payload_hash: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> SeenPayment:
        return cls(
            transaction=json["transaction"],
            user=json["user"],
            amount_cents=json["amount_cents"],
            currency=json.get("currency"),
            refunded_cents=json["refunded_cents"],
            processed_at=json["processed_at"],
            remembered_until=json.get("remembered_until"),
            result=json.get("result"),
            payload_hash=json.get("payload_hash"),
        )


@dataclass(frozen=True)
class PaymentPage:
    """One page of transactions seen."""

    #: May be empty, and there may still be a next page.
    entries: Sequence[SeenPayment]
    #: Items that cannot be read and may belong to the answer.
    unreadable: int
    #: What the page took.
    cost: ReadCost
    #: Where the next page begins (`after`); None: this was the last one.
    next: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> PaymentPage:
        return cls(
            entries=[SeenPayment._read(each) for each in json["entries"]],
            next=json.get("next"),
            unreadable=json["unreadable"],
            cost=ReadCost._read(json["cost"]),
        )


#: How a claim stands.
ClaimState = Literal["held", "lapsed", "released"]


@dataclass(frozen=True)
class ClaimView:
    """A claim on a transaction's work, as others see it."""

    #: How it stands.
    state: ClaimState
    #: The current one.
    fence: int
    #: Who has it.
    holder: str
    #: The holder took it over, and was told to look before acting.
    after_lapse: bool
    #: None: released.
    lease_until: Optional[int] = None

    @classmethod
    def _read(cls, json: Json) -> ClaimView:
        return cls(
            state=json["state"],
            fence=json["fence"],
            holder=json["holder"],
            lease_until=json.get("lease_until"),
            after_lapse=json["after_lapse"],
        )


#: How a purchase that waits for its card stands.
WaitState = Literal["waiting", "recorded", "unlinked"]


@dataclass(frozen=True)
class PaymentWait:
    """A purchase that came before its card was linked."""

    #: How it stands.
    state: WaitState
    #: When it came.
    since: int
    #: How long it waits.
    until: int
    #: In the currency's smallest unit.
    amount_cents: int
    #: None: not known.
    currency: Optional[str] = None

    @classmethod
    def _read(cls, json: Json) -> PaymentWait:
        return cls(
            state=json["state"],
            since=json["since"],
            until=json["until"],
            amount_cents=json["amount_cents"],
            currency=json.get("currency"),
        )


@dataclass(frozen=True)
class RefundReport:
    """One report of a refund, a dispute or a running total."""

    #: Names it.
    refund: str
    #: What it is.
    kind: RefundKind
    #: How it stands.
    state: RefundState
    #: In the currency's smallest unit.
    amount_cents: int
    #: When the provider said so.
    reported_at: int
    #: None: not known.
    currency: Optional[str] = None
    #: None: unknown.
    begun_at: Optional[int] = None

    @classmethod
    def _read(cls, json: Json) -> RefundReport:
        return cls(
            refund=json["refund"],
            kind=json["kind"],
            state=json["state"],
            amount_cents=json["amount_cents"],
            currency=json.get("currency"),
            begun_at=json.get("begun_at"),
            reported_at=json["reported_at"],
        )


#: What became of a payment's capture.
FateState = Literal["not_named", "pending", "settled", "dropped", "expired", "gone", "erased"]


@dataclass(frozen=True)
class CaptureFate:
    """What became of a payment's capture."""

    #: What.
    state: FateState
    #: The capture's; empty: not named.
    id: str
    #: If none is named: the user's pending captures of the same amount.
    alike: Sequence[Capture]
    #: When it ended; if it is pending, when it will.
    at: Optional[int] = None
    #: If it is pending.
    capture: Optional[Capture] = None

    @classmethod
    def _read(cls, json: Json) -> CaptureFate:
        return cls(
            state=json["state"],
            id=json["id"],
            at=json.get("at"),
            capture=maybe(Capture._read, json.get("capture")),
            alike=[Capture._read(each) for each in json["alike"]],
        )


@dataclass(frozen=True)
class PaymentStory:
    """Everything that is known about one payment."""

    #: Which.
    transaction: str
    #: In the order in which they were reported.
    refunds: Sequence[RefundReport]
    #: What the reports amount to, at most what was paid.
    reported_back_cents: int
    #: The user's recent events that may be about it, newest first.
    events: Sequence[ContextEvent]
    #: Its user was erased.
    user_erased: bool
    #: None: it was not recorded (yet).
    seen: Optional[SeenPayment] = None
    #: Who works on it.
    claim: Optional[ClaimView] = None
    #: If it came before its card was linked.
    wait: Optional[PaymentWait] = None
    #: Of a payment that was seen.
    capture: Optional[CaptureFate] = None

    @classmethod
    def _read(cls, json: Json) -> PaymentStory:
        return cls(
            transaction=json["transaction"],
            seen=maybe(SeenPayment._read, json.get("seen")),
            claim=maybe(ClaimView._read, json.get("claim")),
            wait=maybe(PaymentWait._read, json.get("wait")),
            refunds=[RefundReport._read(each) for each in json["refunds"]],
            reported_back_cents=json["reported_back_cents"],
            capture=maybe(CaptureFate._read, json.get("capture")),
            events=[ContextEvent._read(each) for each in json["events"]],
            user_erased=json["user_erased"],
        )


@dataclass(frozen=True)
class RingLosses:
    """How many captures the rings have lost unsettled since the store was opened."""

    #: Pushed out by later ones.
    dropped: int
    #: Found missing after their time; counted once in the whole world.
    expired: int

    @classmethod
    def _read(cls, json: Json) -> RingLosses:
        return cls(
            dropped=json["dropped"],
            expired=json["expired"],
        )


@dataclass(frozen=True)
class PepperRecord:
    """Check values, which tell one pepper from another; never a pepper."""

    #: Of both check values.
    salt: str
    #: Of the pepper in use.
    current: str
    #: When the current one came into use.
    since: int
    #: Of the one before, while cards may still be linked under it.
    previous: str = ""

    @classmethod
    def _read(cls, json: Json) -> PepperRecord:
        return cls(
            salt=json["salt"],
            current=json["current"],
            previous=json.get("previous", ""),
            since=json["since"],
        )

    def _wire(self) -> Json:
        json: Json = {}
        json["salt"] = self.salt
        json["current"] = self.current
        json["previous"] = self.previous
        json["since"] = self.since
        return json


@dataclass(frozen=True)
class BackupReport:
    """What a backup or a restore copied."""

    #: Including expired ones that have not been removed yet.
    items: int
    #: Of the file.
    bytes: int

    @classmethod
    def _read(cls, json: Json) -> BackupReport:
        return cls(
            items=json["items"],
            bytes=json["bytes"],
        )


__all__ = [
    "AddedCapture",
    "AddedCaptureAdded",
    "AddedCaptureSeenBefore",
    "AppendedDocuments",
    "Authorization",
    "BackupReport",
    "Body",
    "Capture",
    "CaptureFate",
    "CaptureLocation",
    "Card",
    "Claim",
    "ClaimDone",
    "ClaimFresh",
    "ClaimInProgress",
    "ClaimLapsed",
    "ClaimOtherPayload",
    "ClaimOutcome",
    "ClaimState",
    "ClaimView",
    "CollectionInfo",
    "Conflict",
    "Context",
    "ContextChange",
    "ContextEvent",
    "Document",
    "DocumentPage",
    "EndedCapture",
    "EndedPage",
    "Ending",
    "EraseReceipt",
    "FateState",
    "FetchedContext",
    "LapsedPolicy",
    "LinkedCard",
    "Location",
    "MarkOutcome",
    "Money",
    "NewDocument",
    "Notifications",
    "OpenedReader",
    "OpenedWriter",
    "PaymentPage",
    "PaymentStory",
    "PaymentWait",
    "PendingCapture",
    "PendingPage",
    "PepperRecord",
    "Preferences",
    "ProcessedTransaction",
    "PurchaseRecord",
    "ReadCost",
    "RecordDuplicate",
    "RecordOutcome",
    "RecordRecorded",
    "RecordUnknownCard",
    "RecordWaiting",
    "RefundChange",
    "RefundDuplicate",
    "RefundExceedsPayment",
    "RefundKind",
    "RefundNoted",
    "RefundOtherCurrency",
    "RefundOutcome",
    "RefundRecord",
    "RefundRecorded",
    "RefundReport",
    "RefundState",
    "RefundUndone",
    "RefundUnknownPayment",
    "RingLosses",
    "Seconds",
    "SeenPayment",
    "Session",
    "Snapshot",
    "StoredDocument",
    "Time",
    "UNSET",
    "UserEntry",
    "UserPage",
    "Vault",
    "WaitState",
]
