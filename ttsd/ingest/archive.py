"""A ZIP file from a stranger, read member by member within bounds."""

import lzma
import zipfile
import zlib
from typing import BinaryIO, Final

from ttsd.protocol.errors import TooLarge, UnreadableDocument

_BROKEN: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
)
"""What zipfile raises for files that are cut off, damaged, or made to mislead."""
_ENCRYPTED: Final = 0x1


class Archive:
    """Owns the reading of the ZIP in `file`; all that is read of it has no more than `max_unpacked_bytes`.

    Nothing is unpacked but the members that are asked for, and nothing is written anywhere.
    """

    def __init__(self, file: BinaryIO, max_unpacked_bytes: int) -> None:
        self._max_bytes = self._left_bytes = max_unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise UnreadableDocument(f"it is not a ZIP archive, or a damaged one ({error}); copy it again") from error

    def __contains__(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """The bytes of member `name`. Raises UnreadableDocument, TooLarge."""
        info = self._zip.NameToInfo.get(name)
        if info is None:
            raise UnreadableDocument(f"{name!r} is missing in the archive; copy it again, or make it anew")
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableDocument(f"{name!r} in the archive is encrypted; drop a copy without protection")
        try:
            with self._zip.open(info) as member:
                data = member.read(self._left_bytes + 1)
        except _BROKEN as error:
            raise UnreadableDocument(
                f"{name!r} in the archive is damaged ({error}); copy it again, or make it anew"
            ) from error
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise TooLarge(
                f"its texts unpack to more than {self._max_bytes} bytes, far more than [limits] max_document_chars"
                " allows to be spoken: split it, or raise the limit",
                param="limits.max_document_chars",
            )
        return data
