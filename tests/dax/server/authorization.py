"""The greeting of a connection, and the signature that authorizes it."""

import calendar
import hashlib
import hmac
import re
import time

from errors import not_authorized

MAGIC = "J7yne5G"
GREETING_VALUES = 5
SKEW_SECONDS_MAX = 900
SCOPE = re.compile(r"AWS4-HMAC-SHA256\n(\d{8}T\d{6}Z)\n(\d{8})/([a-z0-9-]+)/dax/aws4_request\n([0-9a-f]{64})\Z")


def check_magic(magic):
    """None, or what is wrong with the first value: whoever speaks another protocol is told so before it has said five."""
    return None if magic == MAGIC else f"a connection begins with {magic!r}"


def check_greeting(values):
    """None, or what is wrong with the four values that follow."""
    layering, session, headers, mode = values
    if layering != 0 or type(layering) is not int or mode != 0 or type(mode) is not int:
        return "layering and client mode are 0"
    if session is not None and type(session) not in (bytes, str):
        return "a session is bytes, a text or null"
    if type(headers) is not dict or type(headers.get("UserAgent")) is not str:
        return "the headers of a greeting have a UserAgent"
    return None


def canonical_hashes(stamp):
    """The official clients sign one of these two hosts."""
    for host in ("dax.amazonaws.com", "https://dax.amazonaws.com"):
        request = f"POST\n/\n\nhost:{host}\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{hashlib.sha256(b'').hexdigest()}"
        yield hashlib.sha256(request.encode()).hexdigest()


def sign(secret, date, region, to_sign):
    key = f"AWS4{secret}".encode()
    for part in (date, region, "dax", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign, hashlib.sha256).hexdigest()


def check_authorization(arguments, secrets, own_region, now=time.time):
    """None, or the error that the next call gets."""
    key_id, signature, to_sign, token, agent = arguments
    if type(key_id) is not str or type(signature) is not str or type(to_sign) is not bytes:
        return not_authorized("an authorization is two texts and a byte string")
    if any(part is not None and type(part) is not str for part in (token, agent)):
        return not_authorized("session token and user agent are texts or null")
    found = SCOPE.match(to_sign.decode("latin-1"))
    if not found:
        return not_authorized("the string to sign has another form")
    stamp, date, region, canonical = found.groups()
    if stamp[:8] != date or canonical not in canonical_hashes(stamp):
        return not_authorized("the string to sign is that of another request")
    if region != own_region:
        return not_authorized("the credentials are scoped to another region")
    if key_id not in secrets:
        return not_authorized("the security token included in the request is invalid")
    if not hmac.compare_digest(signature, sign(secrets[key_id], date, region, to_sign)):
        return not_authorized("the signature does not match")
    if abs(calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ")) - now()) > SKEW_SECONDS_MAX:
        return not_authorized("the signature has expired or is of the future")
    return None
