"""The published schema of receipts is that of the receipts we write."""

import runpy
from pathlib import Path
from typing import Any

import fastjsonschema
import msgspec
import pytest

from ttsd.protocol.errors import NothingToSay
from ttsd.protocol.jobs import ChapterReceipt, Receipt, RowReceipt, SegmentReceipt, SlotReceipt

DOCS = Path(__file__).parents[2] / "docs"

RECEIPT = Receipt(
    schema_version=1, job="j1", source="a.txt", source_sha256="00", output="a.m4b", voice="ada", language="en",
    engine="fake", engine_revision="1", seed=0, speed=1.0, sample_rate_hz=24_000, duration_s=1.0,
    segments=(SegmentReceipt(0, "Hello.", "en", 0.0, 1.0, reused=False, key="k"),),
    created_s=1.0, finished_s=2.0, queued_ms=3.0, ttfa_ms=4.0, work_s=0.5, rtf=0.5,
    chapters=(ChapterReceipt("One", 0.0),),
    slots=(SlotReceipt(0, 0.0, 1.0, 0.0, 0.0),),
    rows=(RowReceipt(1, "a/0001.wav"), RowReceipt(2, error=NothingToSay("nothing to say").body())),
)  # fmt: skip


@pytest.fixture(scope="module")
def validate() -> Any:
    return fastjsonschema.compile(msgspec.json.decode((DOCS / "receipt.schema.json").read_bytes()))


def test_the_file_is_what_the_definition_gives():
    generated = runpy.run_path(str(DOCS / "receipt_schema.py"))["text"]()
    assert (DOCS / "receipt.schema.json").read_text() == generated, "run: python docs/receipt_schema.py"


def test_it_explains_fields():
    definition = msgspec.json.decode((DOCS / "receipt.schema.json").read_bytes())["$defs"]["Receipt"]
    assert definition["properties"]["ttfa_ms"]["description"] == "From the job's start to its first audio."


def test_a_receipt_keeps_to_it(validate):
    validate(msgspec.json.decode(msgspec.json.encode(RECEIPT)))


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"segments": None}, {"rtf": "0.5"}, {"rows": [{}]}])
def test_what_is_no_receipt_does_not(validate, change):
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate(msgspec.json.decode(msgspec.json.encode(RECEIPT)) | change)
