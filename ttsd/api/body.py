"""Request bodies, read up to a bound and decoded into a struct, and numbers in queries; errors name the place."""

import re
from typing import Final, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from ttsd.protocol.errors import BadRequest, TooLarge

T = TypeVar("T")

_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_FIELD: Final = re.compile(r"(?:required|unknown) field `(?P<name>[^`]*)`")


async def read_body(request: Request, limit: int) -> bytes:
    """The body of `request`. Raises TooLarge as soon as more than `limit` bytes have come or were announced."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise BadRequest("the client left before its request was complete") from error
    return b"".join(chunks)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is over {limit} bytes ([limits] max_body_bytes)")


def decode_json(data: bytes | str, decoder: msgspec.json.Decoder[T]) -> T:
    """`data` as what `decoder` makes. Raises BadRequest naming the field, or the byte where JSON ends."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise invalid(error) from error
    except RecursionError as error:
        raise BadRequest("the JSON is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"not valid JSON: {_where(error, len(data))}") from error


def _where(error: Exception, length: int) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"a string in it is not UTF-8 ({error.reason})"
    text = str(error).removeprefix("JSON is malformed: ")
    return f"{text} (after byte {length})" if "truncated" in text else text


def invalid(error: msgspec.ValidationError) -> BadRequest:
    """A value of the wrong kind, with the field's name as `param`."""
    text = str(error)
    at = _AT.search(text)
    field = _FIELD.search(text)
    named = ".".join(part for part in (at and at["path"], field and field["name"]) if part)
    reason = _AT.sub("", text)
    return BadRequest(f"{named}: {reason}" if at and at["path"] else reason, param=named or None)


def whole(request: Request, name: str, default: int, most: int, *, least: int = 1) -> int:
    """The whole number of query parameter `name`, from `least` to `most`. Raises BadRequest."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not least <= int(text[:9]) <= most:
        raise BadRequest(f"{name} is a number from {least} to {most}", param=name)
    return int(text)
