# Written by tools/generate-catalogue from catalogue/*.toml.
"""What can go wrong: a class for each error code of the library. docs/errors.md says what to do about each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Type

    from ._types import Conflict


class Error(Exception):
    """Whatever loopstate refuses, or fails at.

    `message` is a sentence for people: it names the item or the field, and never contains a secret, a card id or a payload.
    """

    #: The error's name, the same in every language.
    code: str = "Internal"

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        #: Repeating the same call unchanged may succeed later, and can do no harm.
        self.retryable = retryable


class NotFound(Error):
    """There is no live item.

    What to do: create it, or ask for another.
    """

    code = "NotFound"


class AlreadyExists(Error):
    """A live item is already there.

    What to do: read it.
    """

    code = "AlreadyExists"


class InvalidArgument(Error):
    """A name, path, value or document was refused; the message names it.

    What to do: correct it; repeating does not help.
    """

    code = "InvalidArgument"


class ItemTooLarge(Error):
    """An item over 400 KB, a document over 64 MB or with `meta` over 4 KB, or a context that would leave no room for
    captures: over 384 KB, or less if the ring may hold over 100 captures; nothing was sent.

    What to do: remove something, agent memory first.
    """

    code = "ItemTooLarge"


class CorruptItem(Error):
    """A stored item cannot be read; the message names item and field.

    What to do: `loopstate check`.
    """

    code = "CorruptItem"


class VersionConflict(Error):
    """Someone else wrote first.

    What to do: apply the change to `conflict.current` and push again; of documents: read them again, then write at
    their new version, or append at the number that the message names.
    """

    code = "VersionConflict"

    #: A context's: as stored now, and what both sides changed.
    conflict: Optional[Conflict] = None


class CardLinkedElsewhere(Error):
    """The card belongs to another user.

    What to do: `link --transfer`, if that is intended.
    """

    code = "CardLinkedElsewhere"


class SessionExpired(Error):
    """The session's time is over.

    What to do: store a new session.
    """

    code = "SessionExpired"


class ScopeDenied(Error):
    """The session does not have this scope.

    What to do: ask the user.
    """

    code = "ScopeDenied"


class NoActionsLeft(Error):
    """The session has spent its actions.

    What to do: store a new session.
    """

    code = "NoActionsLeft"


class Superseded(Error):
    """Another holder took over the claim.

    What to do: stop; see what the other one did.
    """

    code = "Superseded"


class RequestIdReused(Error):
    """This request id was used within 24 hours for another call, or for the same call with other arguments; nothing was
    done.

    What to do: a new id for a new write.
    """

    code = "RequestIdReused"


class Erased(Error):
    """The user was erased.

    What to do: nothing, or `context init --revive`.
    """

    code = "Erased"


class OutcomeUnknown(Error):
    """A write was sent and no answer says whether it was done, whatever came last (the deadline, throttling, a failed
    connection), or the embedded file was moved at that moment: it may have happened.

    What to do: repeat with the same request id; without one, see below.
    """

    code = "OutcomeUnknown"


class DeadlineExceeded(Error):
    """The deadline passed, and nothing was written.

    What to do: repeat with more time.
    """

    code = "DeadlineExceeded"


class Cancelled(Error):
    """The caller cancelled, and nothing was written; or a command that reads a whole store was interrupted, and says
    what it did.
    """

    code = "Cancelled"


class Unavailable(Error):
    """A transient failure; the retries inside the call are used up. On the embedded engine: another process was stopped
    while writing or opening the file, and the message names it.

    What to do: repeat later; resume that process or end it.
    """

    code = "Unavailable"


class Throttled(Error):
    """The store asks for less load.

    What to do: repeat later, more slowly.
    """

    code = "Throttled"


class Unsupported(Error):
    """This store or this version cannot do this."""

    code = "Unsupported"


class TableNotFound(Error):
    """No such table, no such file.

    What to do: `loopstate init`.
    """

    code = "TableNotFound"


class TableNotReady(Error):
    """The table is being created.

    What to do: wait.
    """

    code = "TableNotReady"


class TableMismatch(Error):
    """A table with another shape, a file with another format or version.

    What to do: check the name; `loopstate doctor`.
    """

    code = "TableMismatch"


class StorageFull(Error):
    """No space left; nothing was lost. Not `retryable`: it does not pass by itself.

    What to do: free some space, then repeat.
    """

    code = "StorageFull"


class StorageReadOnly(Error):
    """The folder or the file may not be written.

    What to do: check the owner and the mount.
    """

    code = "StorageReadOnly"


class StorageCorrupt(Error):
    """A truncated or damaged file, or one that was overwritten in place while it was open.

    What to do: restore the last backup or export; what the message says.
    """

    code = "StorageCorrupt"


class StorageFailure(Error):
    """Another operating-system failure, named in the message; a store that was opened before `fork()`, used in the
    child; an embedded file that was moved, removed, replaced or linked while it was open (or a link to it was
    redirected), or that others use with another lock file.

    What to do: what the message says.
    """

    code = "StorageFailure"


class AccessDenied(Error):
    """The AWS identity is not allowed to do this.

    What to do: extend its policy; the message names the action.
    """

    code = "AccessDenied"


class NoCredentials(Error):
    """None were found in any of the usual places.

    What to do: set them.
    """

    code = "NoCredentials"


class CredentialsExpired(Error):
    """Temporary credentials have expired.

    What to do: renew them.
    """

    code = "CredentialsExpired"


class ClockSkew(Error):
    """This machine's clock is too far off for AWS.

    What to do: set the clock.
    """

    code = "ClockSkew"


class NameResolutionFailed(Error):
    """The host name could not be resolved.

    What to do: check name and resolver.
    """

    code = "NameResolutionFailed"


class ConnectionFailed(Error):
    """No connection to the address.

    What to do: check endpoint and network.
    """

    code = "ConnectionFailed"


class TlsFailed(Error):
    """The certificate was refused, or the handshake failed.

    What to do: check the authorities and proxies.
    """

    code = "TlsFailed"


class ProtocolError(Error):
    """A reply that is truncated, not JSON, or whose checksum is wrong.

    What to do: repeat; if it persists, find what is in between.
    """

    code = "ProtocolError"


class Internal(Error):
    """A defect in loopstate.

    What to do: report it.
    """

    code = "Internal"


_CLASSES: Dict[str, Type[Error]] = {
    "NotFound": NotFound,
    "AlreadyExists": AlreadyExists,
    "InvalidArgument": InvalidArgument,
    "ItemTooLarge": ItemTooLarge,
    "CorruptItem": CorruptItem,
    "VersionConflict": VersionConflict,
    "CardLinkedElsewhere": CardLinkedElsewhere,
    "SessionExpired": SessionExpired,
    "ScopeDenied": ScopeDenied,
    "NoActionsLeft": NoActionsLeft,
    "Superseded": Superseded,
    "RequestIdReused": RequestIdReused,
    "Erased": Erased,
    "OutcomeUnknown": OutcomeUnknown,
    "DeadlineExceeded": DeadlineExceeded,
    "Cancelled": Cancelled,
    "Unavailable": Unavailable,
    "Throttled": Throttled,
    "Unsupported": Unsupported,
    "TableNotFound": TableNotFound,
    "TableNotReady": TableNotReady,
    "TableMismatch": TableMismatch,
    "StorageFull": StorageFull,
    "StorageReadOnly": StorageReadOnly,
    "StorageCorrupt": StorageCorrupt,
    "StorageFailure": StorageFailure,
    "AccessDenied": AccessDenied,
    "NoCredentials": NoCredentials,
    "CredentialsExpired": CredentialsExpired,
    "ClockSkew": ClockSkew,
    "NameResolutionFailed": NameResolutionFailed,
    "ConnectionFailed": ConnectionFailed,
    "TlsFailed": TlsFailed,
    "ProtocolError": ProtocolError,
    "Internal": Internal,
}


def from_json(error: Dict[str, Any]) -> Error:
    """The error of an answer."""
    kind: Optional[Type[Error]] = _CLASSES.get(error["code"])
    made = (kind or Error)(error["message"], retryable=error["retryable"])
    if kind is None:
        made.code = error["code"]
    elif error.get("conflict") and isinstance(made, VersionConflict):
        from ._types import Conflict

        made.conflict = Conflict._read(error["conflict"])
    return made


__all__ = [
    "Error",
    "NotFound",
    "AlreadyExists",
    "InvalidArgument",
    "ItemTooLarge",
    "CorruptItem",
    "VersionConflict",
    "CardLinkedElsewhere",
    "SessionExpired",
    "ScopeDenied",
    "NoActionsLeft",
    "Superseded",
    "RequestIdReused",
    "Erased",
    "OutcomeUnknown",
    "DeadlineExceeded",
    "Cancelled",
    "Unavailable",
    "Throttled",
    "Unsupported",
    "TableNotFound",
    "TableNotReady",
    "TableMismatch",
    "StorageFull",
    "StorageReadOnly",
    "StorageCorrupt",
    "StorageFailure",
    "AccessDenied",
    "NoCredentials",
    "CredentialsExpired",
    "ClockSkew",
    "NameResolutionFailed",
    "ConnectionFailed",
    "TlsFailed",
    "ProtocolError",
    "Internal",
]
