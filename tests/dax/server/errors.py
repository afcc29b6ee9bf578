"""Errors as the server answers them: codes, a message, and DynamoDB's name for it."""

import cbor

# The codes that all official clients know; the first one says who is at fault.
CODES = {
    "ProvisionedThroughputExceededException": (4, 37, 38, 39, 40),
    "ResourceNotFoundException": (4, 37, 38, 39, 41),
    "ConditionalCheckFailedException": (4, 37, 38, 39, 43),
    "ResourceInUseException": (4, 37, 38, 39, 45),
    "ValidationException": (4, 37, 38, 39, 46),
    "InternalServerError": (1, 37, 38, 39, 47),
    "ItemCollectionSizeLimitExceededException": (4, 37, 38, 39, 48),
    "LimitExceededException": (4, 37, 38, 39, 49),
    "ThrottlingException": (4, 37, 38, 39, 50),
    "TransactionConflictException": (4, 37, 38, 39, 57),
    "TransactionCanceledException": (4, 37, 38, 39, 58),
    "TransactionInProgressException": (4, 37, 38, 39, 59),
    "IdempotentParameterMismatchException": (4, 37, 38, 39, 60),
    "RequestLimitExceeded": (4, 37, 38, 39, 61),
    "AccessDeniedException": (4, 37, 38, 42),
}
NOT_AUTHORIZED = (4, 23, 31, 33)
OUTCOME_UNKNOWN = (1, 37, 38, 53)
UNKNOWN_CALL = (4, 37, 38, 44)
RECOVERING = (2, 37, 38, 53)


class ServiceError(Exception):
    """`reasons`: for a cancelled transaction, a triple (code, message, item's bytes) of each operation."""

    def __init__(self, name, message, codes=None, status=400, request_id="LOCALREQUEST", reasons=None):
        super().__init__(message)
        self.name, self.message, self.status, self.request_id, self.reasons = name, message, status, request_id, reasons
        self.codes = (
            codes or CODES.get(name) or (CODES["InternalServerError"] if status >= 500 else CODES["ValidationException"])
        )


class Refused(ServiceError):
    """The client broke a rule of the protocol: it did not keep to what the server had told it, or to the forms of a call."""

    def __init__(self, message):
        super().__init__("ValidationException", message)


def not_authorized(message):
    return ServiceError(None, message, codes=NOT_AUTHORIZED, status=None, request_id=None)


def encode_error(error):
    optional_text = lambda value: cbor.NULL if value is None else cbor.text(value)
    details = [
        optional_text(error.request_id),
        optional_text(error.name),
        cbor.NULL if error.status is None else cbor.integer(error.status),
    ]
    if error.reasons is not None:
        flat = []
        for code, message, item in error.reasons:
            flat += [optional_text(code), optional_text(message), cbor.NULL if item is None else cbor.byte_string(item)]
        details.append(cbor.array(flat))
    return cbor.array([cbor.integer(code) for code in error.codes]) + cbor.text(error.message) + cbor.array(details)
