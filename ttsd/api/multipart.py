"""`multipart/form-data` as it comes: small fields into memory, one file onto the disk, everything bounded."""

import asyncio
import re
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from ttsd.api.incoming import Incoming, check_announced
from ttsd.jobs.enrolment import Upload
from ttsd.protocol.errors import BadRequest, TooLarge

MOST_PARTS: Final = 32
MOST_FIELD_BYTES: Final = 64 * 1024
AROUND_BYTES: Final = 2**20
"""What the rest of a body may have beside the file."""
FILE_FIELDS: Final = ("audio", "clip", "file")
"""Names under which a part is the file, whether or not it says a file's name."""

_EXTENDED: Final = re.compile(rb"filename\*=(?:utf-8|UTF-8)''([^;\s]+)")
"""How some clients send names beyond ASCII: RFC 5987."""


class Form(msgspec.Struct, frozen=True):
    """What was sent."""

    fields: dict[str, str]
    file: Upload | None


async def read_form(request: Request, incoming: Incoming) -> Form:
    """Read the body of `request`; the file is where `incoming` puts it.

    Raises TooLarge as soon as it is too large, BadRequest for what is no form, StorageFull.
    """
    check_announced(request, incoming.max_bytes + AROUND_BYTES)
    parts = _Parts(incoming)
    try:
        parser = MultipartParser(_boundary(request), parts.callbacks())
        async for piece in request.stream():
            parser.write(piece)
            if incoming.is_full:
                await asyncio.to_thread(incoming.flush)
        parser.finalize()
    except FormParserError as error:
        raise BadRequest(f"the body is no multipart form: {error}") from error
    except ClientDisconnect as error:
        raise BadRequest("the client left before its request was complete") from error
    if not parts.complete:
        raise BadRequest("the form breaks off before its end: send it again")
    return Form(parts.fields, await asyncio.to_thread(incoming.upload))


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadRequest(
            "send the clip as multipart/form-data: a file `audio`, and fields such as `transcript`",
            param="Content-Type",
        )
    return options[b"boundary"]


class _Parts:
    """Collects what the parser finds, which calls the methods below; headers are bounded by the parser itself."""

    def __init__(self, incoming: Incoming) -> None:
        self.fields: dict[str, str] = {}
        self.complete = False
        self._incoming = incoming
        self._count = 0
        self._header = bytearray()
        self._content = bytearray()
        self._disposition = b""
        self._name = ""
        self._value: bytearray | None = None
        """Of a field; `None`: this part is the file."""

    def callbacks(self) -> Any:
        """By the parser's names."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_piece,
            "on_header_value": self._content_piece,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise BadRequest(f"the form has over {MOST_PARTS} parts")
        self._disposition = b""

    def _header_piece(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _content_piece(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._content)
        self._header.clear()
        self._content.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        extended = _EXTENDED.search(self._disposition)
        filename = unquote(extended[1].decode("ascii", "replace")) if extended else _text(options.get(b"filename", b""))
        self._name = _text(options.get(b"name", b""))
        if filename or self._name in FILE_FIELDS:
            self._value = None
            self._incoming.begin(filename)
        else:
            self._value = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._value is None:
            self._incoming.take(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MOST_FIELD_BYTES:
            raise TooLarge(f"{self._name[:80]} has over {MOST_FIELD_BYTES} bytes", param=self._name[:80])

    def _end(self) -> None:
        if self._value is None:
            return
        try:
            self.fields[self._name] = self._value.decode()
        except UnicodeDecodeError as error:
            raise BadRequest(f"{self._name[:80]} is not UTF-8", param=self._name[:80]) from error

    def _finish(self) -> None:
        self.complete = True


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
