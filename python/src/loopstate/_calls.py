# Written by tools/generate-catalogue from catalogue/*.toml.
"""The calls of the library, as methods. store.py, streams.py and aio.py have the classes that programs see."""

from __future__ import annotations

from typing import Any, List, Mapping, Optional, Sequence, Union

from ._library import Connection
from ._types import *
from ._types import Json, list_of, maybe, read_added_capture, read_claim_outcome, read_record_outcome, read_refund_outcome


class StoreCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def warm_up(self, *, timeout: Optional[Seconds] = None) -> None:
        """Do in advance what the first call would otherwise have to wait for.

        On DynamoDB it finds credentials, resolves the name and connects; on an embedded file it does nothing. Reads and
        writes no items.
        """
        request: Json = {}
        if timeout is not None:
            request["timeout"] = timeout
        self._connection.call(b"warm_up", request)

    def check_writable(self, *, timeout: Optional[Seconds] = None) -> None:
        """Say whether a payment could be recorded now.

        Writes one small row, always the same, which expires by itself.
        """
        request: Json = {}
        if timeout is not None:
            request["timeout"] = timeout
        self._connection.call(b"check_writable", request)

    def requests_sent(self) -> int:
        """How many requests were sent to the engine, retries included."""
        request: Json = {}
        answer: int = self._connection.call(b"requests_sent", request)
        return answer

    def fallbacks(self) -> int:
        """How many calls were made on the table itself because its DAX cluster was down."""
        request: Json = {}
        answer: int = self._connection.call(b"fallbacks", request)
        return answer

    def conflicts(self) -> int:
        """How often a write of a user's state lost a race or began with a stale copy.

        Whether or not the call then resolved it.
        """
        request: Json = {}
        answer: int = self._connection.call(b"conflicts", request)
        return answer

    def clock_correction(self) -> float:
        """What is added to this machine's clock, because the store's server shows it to be wrong.

        Returns: May be negative; 0 if the clock is right, or there is no server.
        """
        request: Json = {}
        answer: float = self._connection.call(b"clock_correction", request)
        return answer

    def ring_losses(self) -> RingLosses:
        """How many captures the rings have lost unsettled, through writes of this store."""
        request: Json = {}
        return RingLosses._read(self._connection.call(b"ring_losses", request))

    def fetch(self, user: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Context:
        """Show a user's context.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound, Erased.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"fetch", request))

    def fetch_many(
        self,
        users: Sequence[str],
        *,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> List[FetchedContext]:
        """Show the contexts of many users, in the order given.

        One request for each 100 users, at most four at a time.

            users: Whose contexts.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Returns: One for each user, in the order asked.
        """
        request: Json = {"users": users}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return [FetchedContext._read(each) for each in self._connection.call(b"fetch_many", request)]

    def get_or_init(
        self,
        user: str,
        *,
        revive: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Show a user's context, creating it with the defaults if there is none.

        Two racing callers end up with one.

            user: The user's public key or id.
            revive: Bring an erased user back, continuing from the last version.

        Raises: Erased.
        """
        request: Json = {"user": user}
        if revive is not False:
            request["revive"] = revive
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"get_or_init", request))

    def push(
        self,
        changed: Context,
        *,
        base: Optional[Context] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Store a whole context over the version that it carries.

        The answer carries the next version. Version 0 creates.

            changed: The context with its changes.
            base: The context as it was read: lets a VersionConflict name the paths that both sides changed.

        Raises: VersionConflict, NotFound, Erased, ItemTooLarge.

        Repeat only with a request id: it is a VersionConflict if it was written the first time.
        """
        request: Json = {"changed": changed}
        if base is not None:
            request["base"] = base
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"push", request))

    def patch(
        self,
        user: str,
        changes: Sequence[ContextChange],
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Change one or several places of a context in one write.

        All the changes or none. InvalidArgument names the path.

            user: The user's public key or id.
            changes: What to change.

        Raises: VersionConflict, NotFound, Erased, ItemTooLarge.
        """
        request: Json = {"user": user, "changes": changes}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"patch", request))

    def unset(
        self,
        user: str,
        paths: Sequence[str],
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Restore the default of places of a context, or remove memory keys.

            user: The user's public key or id.
            paths: Where.

        Raises: VersionConflict, NotFound, Erased.
        """
        request: Json = {"user": user, "paths": paths}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"unset", request))

    def push_event(
        self,
        user: str,
        event: ContextEvent,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Add an event to the user's recent ones, of which ten are kept.

        A user without a context gets one.

            user: The user's public key or id.
            event: What happened.

        Raises: Erased, ItemTooLarge.

        Repeat only with a request id: the event is there twice.
        """
        request: Json = {"user": user, "event": event}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"push_event", request))

    def remember(
        self,
        user: str,
        key: str,
        value: Any,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Remember a value under a key.

            user: The user's public key or id.
            key: The memory's key; 1 to 200 bytes.
            value: What to remember.

        Raises: NotFound, Erased, VersionConflict, ItemTooLarge.
        """
        request: Json = {"user": user, "key": key, "value": value}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"remember", request))

    def recall(self, user: str, key: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Any:
        """Show what is remembered under a key, as JSON.

            user: The user's public key or id.
            key: The memory's key.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound, Erased.
        """
        request: Json = {"user": user, "key": key}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        answer: Any = self._connection.call(b"recall", request)
        return answer

    def forget(
        self,
        user: str,
        key: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Context:
        """Forget a key.

            user: The user's public key or id.
            key: The memory's key.

        Raises: NotFound, VersionConflict, Erased.

        Repeat only with a request id: it is NotFound if it was done the first time.
        """
        request: Json = {"user": user, "key": key}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Context._read(self._connection.call(b"forget", request))

    def lookup(self, fingerprint: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Card:
        """Show whose card it is.

            fingerprint: The card's fingerprint.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound.
        """
        request: Json = {"fingerprint": fingerprint}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return Card._read(self._connection.call(b"lookup", request))

    def link(
        self,
        fingerprint: str,
        user: str,
        last4: str,
        *,
        transfer: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> LinkedCard:
        """Link a card to a user.

        Linking the user's own card again changes only its last4. A card of an erased user is nobody's. Purchases that
        wait for the card are recorded in the same transaction, each once.

            fingerprint: The card's fingerprint.
            user: The user's public key or id.
            last4: The last four digits of the card's number, or empty.
            transfer: Take the card over from its present owner.

        Raises: CardLinkedElsewhere, Erased.

        Repeat only with a request id: a transfer may take the card back from whoever has received it since.
        """
        request: Json = {"fingerprint": fingerprint, "user": user, "last4": last4}
        if transfer is not False:
            request["transfer"] = transfer
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return LinkedCard._read(self._connection.call(b"link", request))

    def unlink(
        self,
        fingerprint: str,
        *,
        owner: Optional[str] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Card:
        """Unlink a card.

        With an owner, the card returned has neither last4 nor time, which one request cannot tell. Without: one more
        request, and the card is returned as it was.

            fingerprint: The card's fingerprint.
            owner: Who must own it.

        Raises: NotFound, CardLinkedElsewhere.

        Repeat only with a request id: the card may be taken from whoever has linked it since.
        """
        request: Json = {"fingerprint": fingerprint}
        if owner is not None:
            request["owner"] = owner
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Card._read(self._connection.call(b"unlink", request))

    def cards_of(self, user: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> List[Card]:
        """List a user's cards.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Returns: By fingerprint.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return [Card._read(each) for each in self._connection.call(b"cards_of", request)]

    def is_processed(
        self,
        transaction: str,
        *,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> Optional[ProcessedTransaction]:
        """Show whether a transaction was seen.

            transaction: The transaction's id, e.g. square:pay-1.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Returns: Nothing: it was not seen.
        """
        request: Json = {"transaction": transaction}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return maybe(ProcessedTransaction._read, self._connection.call(b"is_processed", request))

    def mark_processed(
        self,
        transaction: str,
        user: str,
        cred_amount: int,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> MarkOutcome:
        """Mark a transaction as seen.

        Refunds that came before the payment are deducted with the mark, and the user gets an event for them, unless
        erased.

            transaction: The transaction's id, e.g. square:pay-1.
            user: Whose transaction it is.
            cred_amount: Its amount in the smallest unit.

        Repeat only with a request id: it is not the first any more, and the record tells so.
        """
        request: Json = {"transaction": transaction, "user": user, "cred_amount": cred_amount}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return MarkOutcome._read(self._connection.call(b"mark_processed", request))

    def claim(
        self,
        transaction: str,
        payload: str,
        lease: Seconds,
        policy: LapsedPolicy,
        *,
        holder: str = "loopstate",
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> ClaimOutcome:
        """Claim the work of a transaction, so that nobody else does it in the meantime.

        The payload is hashed, never stored.

            transaction: The transaction's id, e.g. square:pay-1.
            payload: What the transaction is about: the same id with another payload is noticed.
            lease: How long the claim is the caller's; 1 to 86,400.
            policy: What to do if the last holder died.
            holder: Who claims it, for people to read; 1 to 200 bytes.

        Repeat only with a request id: it is in_progress until the lease of the claim that was granted ends.
        """
        request: Json = {"transaction": transaction, "payload": payload, "lease": lease, "policy": policy}
        if holder != "loopstate":
            request["holder"] = holder
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return read_claim_outcome(self._connection.call(b"claim", request))

    def extend(
        self,
        claim: Claim,
        lease: Seconds,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Claim:
        """Keep a claim for longer.

            claim: As `claim` answered it.
            lease: How long from now; 1 to 86,400.

        Raises: Superseded.
        """
        request: Json = {"claim": claim, "lease": lease}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Claim._read(self._connection.call(b"extend", request))

    def complete(
        self,
        claim: Claim,
        user: str,
        cred_amount: int,
        result: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> ProcessedTransaction:
        """Record that the claimed work is done, with its result.

        Already completed by this claim: the record, no error. If the result is a pending capture's id, that capture is
        the payment's. Refunds that came earlier are deducted with it.

            claim: As `claim` or `extend` answered it.
            user: Whose transaction it is.
            cred_amount: Its amount in the smallest unit.
            result: What later claims are told; at most 65,536 bytes.

        Raises: Superseded.
        """
        request: Json = {"claim": claim, "user": user, "cred_amount": cred_amount, "result": result}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return ProcessedTransaction._read(self._connection.call(b"complete", request))

    def release(self, claim: Claim, *, request_id: Optional[str] = None, timeout: Optional[Seconds] = None) -> None:
        """Give a claim back undone.

        The row and its fence stay.

            claim: As `claim` or `extend` answered it.

        Raises: Superseded.

        Repeat only with a request id: it is Superseded once somebody else has claimed.
        """
        request: Json = {"claim": claim}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        self._connection.call(b"release", request)

    def store_session(
        self,
        user: str,
        session: Session,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Session:
        """Store a user's session key, replacing the previous one.

            user: The user's public key or id.
            session: What the agent may do.

        Raises: Erased.

        Repeat only with a request id: a session that has been spent or revoked since starts afresh.
        """
        request: Json = {"user": user, "session": session}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Session._read(self._connection.call(b"store_session", request))

    def get_session(self, user: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Session:
        """Show a user's session.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound, SessionExpired.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return Session._read(self._connection.call(b"get_session", request))

    def authorize(
        self,
        user: str,
        scope: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Authorization:
        """Spend one action, if the session allows it.

        One conditional write that is bound to one session: no call spends more than one action.

            user: The user's public key or id.
            scope: What the agent wants to do.

        Raises: NotFound, SessionExpired, ScopeDenied, NoActionsLeft.

        Repeat only with a request id: another action is spent.
        """
        request: Json = {"user": user, "scope": scope}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Authorization._read(self._connection.call(b"authorize", request))

    def revoke_session(self, user: str, *, request_id: Optional[str] = None, timeout: Optional[Seconds] = None) -> bool:
        """End a user's session.

            user: The user's public key or id.

        Returns: Whether there was one.

        Repeat only with a request id: a session stored since ends too.
        """
        request: Json = {"user": user}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"revoke_session", request)
        return answer

    def record_capture(
        self,
        purchase: PurchaseRecord,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> RecordOutcome:
        """Record a purchase once: its mark, its pending capture and an event, in one transaction.

        Whose purchase it is, the card says. What earlier refunds took back is deducted.

            purchase: What was bought.

        Raises: Erased, ItemTooLarge.

        Repeat only with a request id: the answer is duplicate.
        """
        request: Json = {"purchase": purchase}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return read_record_outcome(self._connection.call(b"record_capture", request))

    def record_refund(
        self,
        refund: RefundRecord,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> RefundOutcome:
        """Record a report of a refund or a dispute: an event, and the capture's refunded amount.

        Never more than was paid, never in a currency other than the payment's. Reports may come more than once, in any
        order, even before the payment: the end result is the same.

            refund: What was reported.

        Raises: Erased.

        Repeat only with a request id: the answer is duplicate.
        """
        request: Json = {"refund": refund}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return read_refund_outcome(self._connection.call(b"record_refund", request))

    def add_capture(
        self,
        user: str,
        capture: Capture,
        *,
        transaction: Optional[str] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> AddedCapture:
        """Add a pending capture.

        With a transaction, its mark is written in the same write, so that it cannot be pending twice. A full ring drops
        its oldest captures and names them. A user without a context gets one.

            user: The user's public key or id.
            capture: What is to be pending.
            transaction: Mark this transaction as seen in the same write.

        Raises: Erased, ItemTooLarge.

        Repeat only with a request id: without a transaction, it is pending twice.
        """
        request: Json = {"user": user, "capture": capture}
        if transaction is not None:
            request["transaction"] = transaction
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return read_added_capture(self._connection.call(b"add_capture", request))

    def list_captures(
        self,
        user: str,
        *,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> List[Capture]:
        """List a user's pending captures, newest first.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Returns: Newest first.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return [Capture._read(each) for each in self._connection.call(b"list_captures", request)]

    def settle_capture(
        self,
        user: str,
        id: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> Capture:
        """Remove a capture whose value has been captured.

            user: The user's public key or id.
            id: The capture's id.

        Raises: NotFound.

        Repeat only with a request id: it is NotFound if it was done the first time.
        """
        request: Json = {"user": user, "id": id}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return Capture._read(self._connection.call(b"settle_capture", request))

    def set_location(
        self,
        user: str,
        merchant: str,
        *,
        event_time: Optional[Time] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> bool:
        """Record which merchant's geofence a user has entered; valid for an hour.

            user: The user's public key or id.
            merchant: The merchant's id.
            event_time: When it happened: an older event never undoes a newer one; default: now.

        Returns: False: something newer is already known.

        Raises: Erased.

        Repeat only with a request id: without an event time, it undoes what has happened since.
        """
        request: Json = {"user": user, "merchant": merchant}
        if event_time is not None:
            request["event_time"] = event_time
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"set_location", request)
        return answer

    def get_location(self, user: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Location:
        """Show where a user is.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return Location._read(self._connection.call(b"get_location", request))

    def clear_location(
        self,
        user: str,
        *,
        event_time: Optional[Time] = None,
        merchant: Optional[str] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> bool:
        """Record that a user has left.

            user: The user's public key or id.
            event_time: When it happened: an older event never undoes a newer one; default: now.
            merchant: Only if the user is still there.

        Returns: Whether anything changed.

        Raises: Erased.

        Repeat only with a request id: without an event time, it undoes what has happened since.
        """
        request: Json = {"user": user}
        if event_time is not None:
            request["event_time"] = event_time
        if merchant is not None:
            request["merchant"] = merchant
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"clear_location", request)
        return answer

    def snapshot(self, user: str, *, may_be_stale: bool = False, timeout: Optional[Seconds] = None) -> Snapshot:
        """Show everything about a user, as it is at one moment.

            user: The user's public key or id.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.

        Raises: NotFound.
        """
        request: Json = {"user": user}
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return Snapshot._read(self._connection.call(b"snapshot", request))

    def erase_user(
        self,
        user: str,
        *,
        scan: bool = False,
        resume: Optional[str] = None,
        request_timeout: Optional[Seconds] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> EraseReceipt:
        """Erase a user; late writers are then refused.

        A marker stays in place of the context. Repeating finishes what was cut off.

            user: The user's public key or id.
            scan: Also scan the whole table, for transactions seen and cards that only a scan can find.
            resume: Continue a scan where an interrupted one stopped.
            request_timeout: How long each request of a scan may take; 0 to 315,360,000.

        Raises: NotFound.

        Repeat only with a request id: a user who was brought back since is erased again.
        """
        request: Json = {"user": user}
        if scan is not False:
            request["scan"] = scan
        if resume is not None:
            request["resume"] = resume
        if request_timeout is not None:
            request["request_timeout"] = request_timeout
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return EraseReceipt._read(self._connection.call(b"erase_user", request))


class DocumentsCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self,
        user: str,
        collection: str,
        key: str,
        body: Body,
        *,
        meta: Any = None,
        lifetime: Optional[Seconds] = None,
        at_version: Optional[int] = None,
        if_absent: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> StoredDocument:
        """Store a document under a key.

        Bodies over 350 KB are stored in parts. A document that is removed and made again continues its versions, for 30
        days also across a drop; after an erasure of the user they begin at 1 again.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.
            body: Any bytes; at most 67,108,864 bytes.
            meta: What a list shows of it; at most 4,096 bytes.
            lifetime: It ceases to exist after this long; 1 to 3,155,760,000.
            at_version: Only over the document of this version; 0: only if there is none.
            if_absent: Only if there is none.

        Raises: VersionConflict, Erased, ItemTooLarge.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if meta is not None:
            request["meta"] = meta
        if lifetime is not None:
            request["lifetime"] = lifetime
        if at_version is not None:
            request["at_version"] = at_version
        if if_absent is not False:
            request["if_absent"] = if_absent
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        json, _ = self._connection.call_with_bodies(b"documents.put", request, [body])
        return StoredDocument._read(json)

    def append(
        self,
        user: str,
        collection: str,
        documents: Sequence[Union[Body, NewDocument]],
        *,
        at_number: Optional[int] = None,
        in_generation: Optional[str] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> AppendedDocuments:
        """Append documents to a collection, all or none.

        They get the next numbers. Two callers that append at once both do, one after the other; of several that append
        at the same number, one does. Repeat only with a request id or at a number. 1 to 90 documents, at most 64 MB of
        bodies together.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            documents: What to append, in order; 1 to 90 documents.
            at_number: Only if the first document gets this number: 1 in a collection that does not exist; at least 1.
            in_generation: Only into the collection of which a list or an earlier append said this, not into one of the
                           same name that was made since; at least 1 bytes.

        Raises: VersionConflict, Erased, ItemTooLarge.

        Repeat only with a request id: they are appended again.
        """
        given = list_of(NewDocument, "documents", documents)
        request: Json = {"user": user, "collection": collection, "documents": given}
        if at_number is not None:
            request["at_number"] = at_number
        if in_generation is not None:
            request["in_generation"] = in_generation
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        json, _ = self._connection.call_with_bodies(b"documents.append", request, [*(each.body for each in given)])
        return AppendedDocuments._read(json)

    def get(self, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None) -> Document:
        """Read a document.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.

        Raises: NotFound.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if timeout is not None:
            request["timeout"] = timeout
        json, parts = self._connection.call_with_bodies(b"documents.get", request)
        return Document._read(json, iter(parts))

    def list(
        self,
        user: str,
        collection: str,
        *,
        prefix: Optional[str] = None,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        descending: bool = False,
        after: Optional[str] = None,
        limit: int = 100,
        max_bytes: int = 4194304,
        without_bodies: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> DocumentPage:
        """List the documents of a collection by key.

        A collection that does not exist has no documents. Not one moment: a document may change between two pages.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            prefix: Only keys that begin with this; 1 to 400 bytes.
            from_: Only keys from this one on; 1 to 400 bytes.
            to: Only keys up to this one; 1 to 400 bytes.
            descending: The last keys first.
            after: Go on after this key; 1 to 400 bytes.
            limit: At most so many; 1 to 1,000 documents.
            max_bytes: At most so many bytes of bodies; the first document comes whatever its size.
            without_bodies: Everything but the bodies.
        """
        request: Json = {"user": user, "collection": collection}
        if prefix is not None:
            request["prefix"] = prefix
        if from_ is not None:
            request["from"] = from_
        if to is not None:
            request["to"] = to
        if descending is not False:
            request["descending"] = descending
        if after is not None:
            request["after"] = after
        if limit != 100:
            request["limit"] = limit
        if max_bytes != 4194304:
            request["max_bytes"] = max_bytes
        if without_bodies is not False:
            request["without_bodies"] = without_bodies
        if timeout is not None:
            request["timeout"] = timeout
        json, parts = self._connection.call_with_bodies(b"documents.list", request)
        return DocumentPage._read(json, iter(parts))

    def remove(
        self,
        user: str,
        collection: str,
        key: str,
        *,
        at_version: Optional[int] = None,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> bool:
        """Remove a document.

        Repeat only with a request id or at a version.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.
            at_version: Only the document of this version.

        Returns: Whether there was one.

        Raises: VersionConflict.

        Repeat only with a request id: a document stored since is removed.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if at_version is not None:
            request["at_version"] = at_version
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"documents.remove", request)
        return answer

    def keep_last(self, user: str, collection: str, count: int, *, timeout: Optional[Seconds] = None) -> int:
        """Remove all documents of a collection but those with the last keys.

        Not all at once: OutcomeUnknown if it was cut off after it had removed some. Repeated after others have
        appended, it removes more.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            count: How many to keep.

        Returns: How many it removed.
        """
        request: Json = {"user": user, "collection": collection, "count": count}
        if timeout is not None:
            request["timeout"] = timeout
        answer: int = self._connection.call(b"documents.keep_last", request)
        return answer

    def collections_of(self, user: str, *, timeout: Optional[Seconds] = None) -> List[CollectionInfo]:
        """List a user's collections by name.

            user: The user's public key or id.
        """
        request: Json = {"user": user}
        if timeout is not None:
            request["timeout"] = timeout
        return [CollectionInfo._read(each) for each in self._connection.call(b"documents.collections_of", request)]

    def drop(
        self,
        user: str,
        collection: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> bool:
        """Remove a collection with all its documents.

        From its first moment on the collection is empty for everybody. Repeating finishes what was cut off.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.

        Returns: Whether there was one.

        Repeat only with a request id: a collection that was made since is removed.
        """
        request: Json = {"user": user, "collection": collection}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"documents.drop", request)
        return answer


class DocumentsReaderCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, user: str, collection: str, key: str, *, timeout: Optional[Seconds] = None) -> OpenedReader:
        """Begin to read a document piece by piece.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.

        Raises: NotFound.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if timeout is not None:
            request["timeout"] = timeout
        json, parts = self._connection.call_with_bodies(b"documents.reader.open", request)
        return OpenedReader._read(json, iter(parts))

    def next(self, reader: int) -> bytes:
        """The next piece of a document's body.

            reader: The number that `documents.reader.open` answered.

        Returns: At most 1.4 MB; empty at the end.

        Raises: VersionConflict.
        """
        request: Json = {"reader": reader}
        _, parts = self._connection.call_with_bodies(b"documents.reader.next", request)
        return parts[0] if parts else b""

    def close(self, reader: int) -> None:
        """End a reader.

            reader: The number that `documents.reader.open` answered.
        """
        request: Json = {"reader": reader}
        self._connection.call(b"documents.reader.close", request)


class DocumentsWriterCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(
        self,
        user: str,
        collection: str,
        key: str,
        *,
        meta: Any = None,
        lifetime: Optional[Seconds] = None,
        at_version: Optional[int] = None,
        if_absent: bool = False,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> OpenedWriter:
        """Begin to store a document piece by piece.

        As `documents.put` does, under the same request id as the same call. Each call of the writer has the timeout to
        itself. Twelve hours after the first 1.4 MB of a larger body, it ends with DeadlineExceeded. A collection that
        more than 350 KB were written for stays if the writer is abandoned.

            user: The user's public key or id.
            collection: What the documents belong to, e.g. a conversation.
            key: The document's key; that of an appended one is its number in 20 digits; 1 to 400 bytes.
            meta: What a list shows of it; at most 4,096 bytes.
            lifetime: It ceases to exist after this long; 1 to 3,155,760,000.
            at_version: Only over the document of this version; 0: only if there is none.
            if_absent: Only if there is none.
        """
        request: Json = {"user": user, "collection": collection, "key": key}
        if meta is not None:
            request["meta"] = meta
        if lifetime is not None:
            request["lifetime"] = lifetime
        if at_version is not None:
            request["at_version"] = at_version
        if if_absent is not False:
            request["if_absent"] = if_absent
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return OpenedWriter._read(self._connection.call(b"documents.writer.open", request))

    def write(self, writer: int, bytes: Body) -> None:
        """What comes next in the body.

        It may be kept in memory until there is more. A version that is not the one asked for is refused as soon as
        there are more than 1.4 MB. After an error, only `documents.writer.abandon` is left.

            writer: The number that `documents.writer.open` answered.
            bytes: Any bytes; at most 64 MB in all.

        Raises: Erased, ItemTooLarge, VersionConflict.
        """
        request: Json = {"writer": writer}
        self._connection.call_with_bodies(b"documents.writer.write", request, [bytes])

    def finish(self, writer: int) -> StoredDocument:
        """Store the document: it exists from here on.

            writer: The number that `documents.writer.open` answered.

        Raises: VersionConflict, Erased, ItemTooLarge.
        """
        request: Json = {"writer": writer}
        return StoredDocument._read(self._connection.call(b"documents.writer.finish", request))

    def abandon(self, writer: int) -> None:
        """Remove what was written, and end the writer.

        As well as it can: what is left, `loopstate check` finds after a day.

            writer: The number that `documents.writer.open` answered.
        """
        request: Json = {"writer": writer}
        self._connection.call(b"documents.writer.abandon", request)


class QuestionsCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def users(
        self,
        *,
        after: Optional[str] = None,
        limit: int = 0,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> UserPage:
        """List the users about whom anything is stored, and when they were last touched.

            after: Go on where an earlier answer stopped.
            limit: At most this many entries; 0: as many as one request finds.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.
        """
        request: Json = {}
        if after is not None:
            request["after"] = after
        if limit != 0:
            request["limit"] = limit
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return UserPage._read(self._connection.call(b"questions.users", request))

    def pending(
        self,
        *,
        merchant: Optional[str] = None,
        older_than: Optional[Seconds] = None,
        expires_within: Optional[Seconds] = None,
        after: Optional[str] = None,
        limit: int = 0,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> PendingPage:
        """List everybody's pending captures.

            merchant: Only at this merchant.
            older_than: Only what has been pending this long.
            expires_within: Only what expires this soon.
            after: Go on where an earlier answer stopped.
            limit: At most this many entries; 0: as many as one request finds.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.
        """
        request: Json = {}
        if merchant is not None:
            request["merchant"] = merchant
        if older_than is not None:
            request["older_than"] = older_than
        if expires_within is not None:
            request["expires_within"] = expires_within
        if after is not None:
            request["after"] = after
        if limit != 0:
            request["limit"] = limit
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return PendingPage._read(self._connection.call(b"questions.pending", request))

    def payments(
        self,
        *,
        user: Optional[str] = None,
        after: Optional[str] = None,
        limit: int = 0,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> PaymentPage:
        """List the transactions that were seen.

        In no order that means anything.

            user: Only this user's.
            after: Go on where an earlier answer stopped.
            limit: At most this many entries; 0: as many as one request finds.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.
        """
        request: Json = {}
        if user is not None:
            request["user"] = user
        if after is not None:
            request["after"] = after
        if limit != 0:
            request["limit"] = limit
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return PaymentPage._read(self._connection.call(b"questions.payments", request))

    def ended(
        self,
        user: str,
        *,
        after: Optional[str] = None,
        limit: int = 0,
        may_be_stale: bool = False,
        timeout: Optional[Seconds] = None,
    ) -> EndedPage:
        """List what is left of a user's captures that were settled or dropped, oldest first.

            user: The user's public key or id.
            after: Go on where an earlier answer stopped.
            limit: At most this many entries; 0: as many as one request finds.
            may_be_stale: The answer may be a little out of date: half the price on DynamoDB.
        """
        request: Json = {"user": user}
        if after is not None:
            request["after"] = after
        if limit != 0:
            request["limit"] = limit
        if may_be_stale is not False:
            request["may_be_stale"] = may_be_stale
        if timeout is not None:
            request["timeout"] = timeout
        return EndedPage._read(self._connection.call(b"questions.ended", request))

    def payment(self, names: Sequence[str], *, timeout: Optional[Seconds] = None) -> List[PaymentStory]:
        """Show all that is known about a payment: who paid, its claim, its refunds, what became of it.

            names: The names under which it may be stored; 1 to 16 names.

        Returns: Without those names under which nothing is known.

        Raises: CorruptItem.
        """
        request: Json = {"names": names}
        if timeout is not None:
            request["timeout"] = timeout
        return [PaymentStory._read(each) for each in self._connection.call(b"questions.payment", request)]


class PepperCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, *, timeout: Optional[Seconds] = None) -> Optional[PepperRecord]:
        """Read which pepper is in use.

        Returns: Nothing: no pepper was ever used on this store.
        """
        request: Json = {}
        if timeout is not None:
            request["timeout"] = timeout
        return maybe(PepperRecord._read, self._connection.call(b"pepper.read", request))

    def write(self, before: Optional[PepperRecord], next: PepperRecord, *, timeout: Optional[Seconds] = None) -> bool:
        """Replace the record of the pepper in use.

            before: What stands there; nothing: no record.
            next: What is to stand there.

        Returns: False: something else stands there by now.
        """
        request: Json = {"next": next}
        if before is not None:
            request["before"] = before
        if timeout is not None:
            request["timeout"] = timeout
        answer: bool = self._connection.call(b"pepper.write", request)
        return answer

    def move_card(
        self,
        from_: str,
        to: str,
        *,
        request_id: Optional[str] = None,
        timeout: Optional[Seconds] = None,
    ) -> LinkedCard:
        """Give a card its fingerprint under the next pepper.

        To the same user and with the same time, in one transaction. Purchases that waited for it are recorded in it.

            from_: What it is known as.
            to: What it is to be known as.

        Raises: NotFound, CardLinkedElsewhere, Erased.

        Repeat only with a request id: it is NotFound if it was done the first time.
        """
        request: Json = {"from": from_, "to": to}
        if request_id is not None:
            request["request_id"] = request_id
        if timeout is not None:
            request["timeout"] = timeout
        return LinkedCard._read(self._connection.call(b"pepper.move_card", request))


class BackupCalls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def back_up(self, file: str) -> BackupReport:
        """Copy an embedded store as it is at one moment, while others write.

        The copy is verified before it gets its name. An existing file is never replaced. DynamoDB makes its own
        backups.

            file: Where to write; it is first built beside this under another name.

        Raises: StorageCorrupt, TableNotFound, StorageFull, StorageFailure.
        """
        request: Json = {"file": file}
        return BackupReport._read(self._connection.call(b"backup.back_up", request))
