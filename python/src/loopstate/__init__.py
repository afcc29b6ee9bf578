"""State for agents that keep none of their own.

    import loopstate

    with loopstate.open("embedded:./agent.db") as store:
        store.documents.append("ada", "chat-1", [b"Hello"])

Names are loaded when they are first used, so that the import itself costs next to nothing.
"""

TYPE_CHECKING = False  # as typing's, without importing it
if TYPE_CHECKING:
    from . import errors as errors
    from ._types import *
    from .aio import AsyncDocumentReader as AsyncDocumentReader
    from .aio import AsyncDocuments as AsyncDocuments
    from .aio import AsyncDocumentWriter as AsyncDocumentWriter
    from .aio import AsyncStore as AsyncStore
    from .aio import open_async as open_async
    from .errors import *
    from .store import Documents as Documents
    from .store import Store as Store
    from .store import open as open
    from .streams import DocumentReader as DocumentReader
    from .streams import DocumentWriter as DocumentWriter

__version__ = "0.1.0"

_MODULES = {
    "store": ("Documents", "Store", "open"),
    "streams": ("DocumentReader", "DocumentWriter"),
    "aio": ("AsyncDocumentReader", "AsyncDocuments", "AsyncDocumentWriter", "AsyncStore", "open_async"),
}


def _load(name: str) -> object:
    from importlib import import_module

    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module, names in _MODULES.items():
        if name in names:
            break
    else:
        # An exception of the library, or else a type.
        module = "errors" if name in import_module(".errors", __name__).__all__ else "_types"
        if name not in import_module("." + module, __name__).__all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module("." + module, __name__), name)
    globals()[name] = value
    return value


if not TYPE_CHECKING:  # or every name would pass for one of ours
    __getattr__ = _load


def __dir__() -> "list[str]":
    from . import _types, errors

    return sorted({*globals(), *_types.__all__, *errors.__all__, *(name for names in _MODULES.values() for name in names)})
