"""What clients are told about bodies that do not work."""

import msgspec
import pytest

from ttsd.api.body import decode_json
from ttsd.protocol.errors import BadRequest
from ttsd.protocol.speech import ClientMessage, SpeechRequest

speech = msgspec.json.Decoder(SpeechRequest)


@pytest.mark.parametrize(
    ("body", "param", "told"),
    [
        (b"", None, "truncated (after byte 0)"),
        (b'{"text":', None, "truncated (after byte 8)"),
        (b'{"text":"a",}', None, "(byte 12)"),
        (b'{"text":"a"} x', None, "trailing characters (byte 14)"),
        (b"\xef\xbb\xbf{}", None, "(byte 0)"),
        (b'{"text":"\xff"}', None, "utf-8"),
        (b'{"text":"\\ud800 and more"}', None, "surrogate"),
        (b'{"text":"a","deep":' + b"[" * 100_000, None, "nested too deeply"),
        (b'{"text":5}', "text", "Expected `str`, got `int`"),
        (b'{"language":"en"}', "text", "missing required field"),
        (b"[]", None, "Expected `object`"),
        (b'{"text":"a","voice":"../x"}', "voice", "regex"),
        (b'{"text":"a","speed":9}', "speed", "<= 2.0"),
        (b'{"text":"a","seed":-1}', "seed", ">= 0"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, param: str | None, told: str):
    with pytest.raises(BadRequest) as caught:
        decode_json(body, speech)
    assert told.lower() in caught.value.message.lower()
    assert caught.value.param == param


def test_unknown_keys_are_ignored():
    assert decode_json(b'{"text":"a","exaggeration":0.5}', speech).text == "a"


def test_a_field_inside_a_message_is_named():
    with pytest.raises(BadRequest) as caught:
        decode_json('{"type":"replace","from_segment":-1,"text":""}', msgspec.json.Decoder(ClientMessage))
    assert caught.value.param == "from_segment"
