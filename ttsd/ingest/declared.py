"""Bytes of HTML into text: in the encoding that they declare, else in those of any text."""

import codecs
import re
from typing import Final

from ttsd.ingest.encoding import decode

_DECLARED: Final = re.compile(
    rb"""^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)|<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_LOOKED_AT_BYTES: Final = 1024
"""Where HTML wants the declaration."""
_OF_ONE_BYTE: Final = ("cp125", "iso8859-", "koi8-", "mac-")
_OF_MORE: Final = frozenset({"big5", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "shift_jis"})
_REALLY: Final = {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
"""What is meant by narrower names, as browsers take them."""


def decode_markup(data: bytes) -> str:
    """The text of an HTML or XHTML file. Raises UnreadableDocument as `decode` does."""
    declared = _DECLARED.search(data[:_LOOKED_AT_BYTES])
    codec = _codec(next(filter(None, declared.groups()))) if declared else None
    if codec is not None and b"\0" not in data:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            pass
    return decode(data)


def _codec(declared: bytes) -> str | None:
    """Python's name of an encoding that is declared and not found out by `decode` alone."""
    try:
        name = codecs.lookup(declared.decode("ascii")).name
    except LookupError:
        return None
    return _REALLY.get(name, name) if name in _OF_MORE or name.startswith(_OF_ONE_BYTE) else None
