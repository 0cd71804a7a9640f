"""`voice.toml`, however people have written it: what is changed is changed, and nothing else."""

from types import MappingProxyType

import msgspec
import pytest

from ttsd.protocol.errors import BadRequest, TooLarge
from ttsd.protocol.voices import Provenance, VoiceDefaults
from ttsd.storage.voice_file import LONGEST_BYTES, Edit, Entry, VoiceFile, edited, parse

HAPPY = '[variants.happy]\nclip = "b.flac"\n'
WRITTEN = {
    "tables": f'# mine\n[variants.neutral]\nclip = "a.flac" # good\ntranscript = "x"\n{HAPPY}',
    "in one line": '# mine\nvariants = {neutral = {clip = "a.flac", transcript = "x"}, happy = {clip = "b.flac"}}\n',
    "a line for each": '# mine\n[variants]\nneutral = {clip = "a.flac", transcript = "x"}\nhappy = {clip = "b.flac"}\n',
    "dotted": '# mine\nvariants.neutral.clip = "a.flac"\nvariants.neutral.transcript = "x"\n'
    'variants.happy.clip = "b.flac"\n',
    "half dotted": '# mine\n[variants]\nneutral.clip = "a.flac"\nneutral.transcript = "x"\nhappy.clip = "b.flac"\n',
    "apart": f'# mine\n[variants.neutral]\nclip = "a.flac"\ntranscript = "x"\n[settings]\n{HAPPY}',
    "quoted": f'# mine\n["variants"."neutral"]\nclip = "a.flac"\ntranscript = "x"\n{HAPPY}',
    "Windows": f'# mine\n[variants.neutral]\nclip = "a.flac"\ntranscript = "x"\n{HAPPY}'.replace("\n", "\r\n"),
}
BEFORE = VoiceFile(variants={"neutral": Entry("a.flac", "x"), "happy": Entry("b.flac")})
SAD = Entry("s.flac", "Oh.", "de", "s.original.wav", Provenance("2026-11-30T05:31:44Z", "uid 1000", repairs=("cut",)))
EDITS = {
    "values": (Edit({"description": "d", "settings": {"seed": 7}}), {"description": "d", "settings": VoiceDefaults(7)}),
    "transcript": (
        Edit({"variants": {"neutral": {"transcript": "y"}}}),
        {"variants": {**BEFORE.variants, "neutral": Entry("a.flac", "y")}},
    ),
    "a variant more": (Edit(variants={"sad": SAD}), {"variants": {**BEFORE.variants, "sad": SAD}}),
    "another variant": (Edit(variants={"happy": SAD}), {"variants": {**BEFORE.variants, "happy": SAD}}),
    "a variant less": (Edit(without_variant="neutral"), {"variants": {"happy": Entry("b.flac")}}),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("form", WRITTEN)
def test_every_way_to_write_it_can_be_changed(form: str, edit: str):
    before = WRITTEN[form].encode()
    assert parse(before) == BEFORE
    change, after = EDITS[edit]
    result = edited(before, change)
    assert parse(result) == msgspec.structs.replace(BEFORE, **after)
    assert result.startswith(b"# mine")


def test_comments_at_what_is_not_changed_stay():
    result = edited(WRITTEN["tables"].encode(), Edit({"description": "d"}, MappingProxyType({"sad": SAD})))
    assert b'clip = "a.flac" # good\n' in result


def test_it_cannot_grow_beyond_what_is_read():
    before = f"{WRITTEN['tables']}\n#".encode().ljust(LONGEST_BYTES - 10, b"x")
    with pytest.raises(TooLarge, match="over 65536 bytes"):
        edited(before, Edit({"description": "a long one"}))
    with pytest.raises(BadRequest, match="over 65536 bytes"):
        parse(before.ljust(LONGEST_BYTES + 1, b"x"))
