"""Encodings that HTML declares."""

import pytest

from ttsd.ingest.declared import decode_markup
from ttsd.protocol.errors import UnreadableDocument


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("<meta charset=utf-8>Café", "utf-8"),
        ("<p>Café", "utf-8-sig"),
        ('<meta charset="windows-1252">“Café”', "cp1252"),
        ('<META http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">“Café”', "cp1252"),
        ("<?xml version='1.0' encoding='ISO-8859-5'?><p>Привет", "iso8859-5"),
        ("<meta charset=Shift_JIS>これはテストです", "shift_jis"),
        ("<meta charset=euc-jp>これはテストです", "euc_jp"),
        ("<meta charset=gb2312>今天天气很好，镕", "gb18030"),
        ("<meta charset=big5>今天天氣很好", "big5"),
        ("<meta charset=utf-16>Declared and not so: Café", "utf-8"),
        ("<meta charset=windows-1251>Declared and not so: \u0098", "utf-8"),
        ("<meta charset=rot13>Hello", "ascii"),
        ("<meta charset=no-such-thing>Café", "utf-8"),
        ("<p>UTF-16 has a mark: Café", "utf-16"),
    ],
)
def test_the_text_is_what_was_written(text: str, codec: str):
    assert decode_markup(text.encode(codec)) == text


@pytest.mark.parametrize("data", [b"<meta charset=windows-1252>\0\1\2", b"<p>Caf\xe9", b"\x89PNG\r\n\x1a\n\0"])
def test_what_is_not_text_is_refused(data: bytes):
    with pytest.raises(UnreadableDocument):
        decode_markup(data)
