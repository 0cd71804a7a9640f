"""Bytes into text, and what is refused."""

import io
import wave

import pytest

from ttsd.ingest.encoding import decode
from ttsd.protocol.errors import UnreadableDocument

CHINESE = "今天天气很好，我们去公园散步。你觉得怎么样？这个问题不是很难。"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello.", "Hello."),
        ("naïve café 今天".encode(), "naïve café 今天"),
        (b"\xef\xbb\xbfHello.", "Hello."),
        ("Hello, 今天".encode("utf-16"), "Hello, 今天"),
        (b"\xfe\xff" + "Hello".encode("utf-16-be"), "Hello"),
        (CHINESE.encode("gb18030"), CHINESE),
        (CHINESE.encode("gb2312"), CHINESE),
        ("你好，世界！Hello.".encode("gbk"), "你好，世界！Hello."),
        (b"ID3 tags and RIFF files are explained here.", "ID3 tags and RIFF files are explained here."),
        (b"colour: \x1b[31mred\x1b[0m", "colour: \x1b[31mred\x1b[0m"),
    ],
)
def test_readable(data, text):
    assert decode(data) == text


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 24_000, 0, "NONE", ""))
        writer.writeframes(bytes(range(200)))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        (b"%PDF-1.7\nsome text", "PDF"),
        (b"PK\x03\x04" + bytes(30), "ZIP"),
        (wav(), "WAV"),
        (b"text and a \0 byte", "NUL byte at offset 11"),
        ("UTF-16 without a mark".encode("utf-16-le"), "NUL byte at offset 1"),
        ("Hello".encode("utf-32"), "UTF-32"),
        (bytes(range(1, 9)) * 100, "control characters"),
        ("Hello".encode("utf-16") + b"x", "UTF-16"),
        (b"Hello caf\xe9 there", "0xe9 at offset 9"),
        (b"\xef\xbb\xbfcaf\xe9 there", "0xe9 at offset 6"),
        ("Grüße aus Köln, schöne Füße".encode("latin-1"), "not UTF-8"),
        ("résumé déjà vu".encode("cp1252"), "not UTF-8"),
        ("これはテストです。今日は晴れ。".encode("shift-jis"), "not UTF-8"),
        ("これはテストです。今日は晴れ。".encode("euc-jp"), "not UTF-8"),
        ("안녕하세요. 오늘 날씨가 좋네요. 테스트입니다.".encode("euc-kr"), "not UTF-8"),
        ("今天天氣很好，我們去公園散步。這個問題不是很難。".encode("big5"), "not UTF-8"),
        ("Привет, как дела? Сегодня хорошая погода.".encode("cp1251"), "not UTF-8"),
        ("Привет, как дела? Сегодня хорошая погода.".encode("koi8-r"), "not UTF-8"),
    ],
)
def test_refused_with_a_reason_and_a_remedy(data, says):
    with pytest.raises(UnreadableDocument) as caught:
        decode(data)
    assert says in caught.value.message
    assert "UTF-8" in caught.value.message
