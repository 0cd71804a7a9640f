"""Bytes of a text file into text: UTF-8, UTF-16 with its mark, GB18030 where it is plainly Chinese."""

import re
from typing import Final

from ttsd.protocol.errors import UnreadableDocument
from ttsd.text.scripts import HAN, KANA

_MAGIC: Final = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP, or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x7fELF", "a program"),
    (b"RIFF", "WAV, or another RIFF"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"ID3", "MP3"),
    (b"SQLite format 3", "SQLite"),
)
_BOM_UTF8: Final = b"\xef\xbb\xbf"
_BOM_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_BOM_UTF32: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROL: Final = 0.02
_REMEDY: Final = "save it as plain text in UTF-8"

_COMMON_HAN: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方"
    "多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情"
    "明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给"
    "世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太"
    "量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运笔字您吗呢吧啊请谢早晚"
)
_HAN: Final = re.compile(f"[{HAN}]")
_KANA: Final = re.compile(f"[{KANA}]")
_CHINESE_ENOUGH: Final = 0.25
"""Share of the commonest characters among all: 40 % and more in Chinese, chance (5 %) in a wrong decoding."""


def decode(data: bytes) -> str:
    """The text of a file's bytes, without a byte order mark. Raises UnreadableDocument with the way out."""
    _refuse_binary(data)
    if data.startswith(_BOM_UTF16):
        return _strict(data, "utf-16", "UTF-16")
    try:
        return data.removeprefix(_BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        if (chinese := _gb18030(data)) is not None:
            return chinese
        offset = error.start + len(_BOM_UTF8) * data.startswith(_BOM_UTF8)
        raise UnreadableDocument(
            f"the file is not UTF-8 (byte {data[offset]:#04x} at offset {offset}), nor UTF-16 with a byte order mark,"
            f" nor Chinese GB18030; {_REMEDY}"
        ) from error


def _refuse_binary(data: bytes) -> None:
    if data.startswith(_BOM_UTF32):
        raise UnreadableDocument(f"the file is UTF-32, which is not supported; {_REMEDY}")
    if data.startswith(_BOM_UTF16):
        return
    kind = _magic(data)
    if kind is None and b"\0" in data:
        kind = f"a NUL byte at offset {data.index(0)}"
    if kind is None and len(_CONTROL.findall(data)) > len(data) * _MOST_CONTROL:
        kind = "mostly control characters"
    if kind:
        raise UnreadableDocument(f"the file looks like a binary file ({kind}), not like text; {_REMEDY}")


def _magic(data: bytes) -> str | None:
    """What the first bytes say; marks that are words in text too (`ID3 tags are…`) count beside control bytes only."""
    for magic, name in _MAGIC:
        if data.startswith(magic) and (not magic.isalnum() or _CONTROL.search(data[:512])):
            return name
    return None


def _strict(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            f"the file begins like {name} but breaks off at offset {error.start} ({error.reason}); {_REMEDY}"
        ) from error


def _gb18030(data: bytes) -> str | None:
    """`data` as Chinese text in GB18030, the superset of GBK and GB2312; `None` when it is not that.

    Nearly any bytes decode, to rare characters: so the commonest characters must stand in it, and nothing
    that Chinese text does not have (kana would mean EUC-JP).
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    han = _HAN.findall(text)
    common = sum(character in _COMMON_HAN for character in han)
    return text if han and not _KANA.search(text) and common >= len(han) * _CHINESE_ENOUGH else None
