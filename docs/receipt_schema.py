"""Write `docs/receipt.schema.json`, the JSON schema of receipts: `python docs/receipt_schema.py`."""

import ast
import inspect
from pathlib import Path
from typing import Any, Final

import msgspec

from ttsd.protocol import errors, jobs
from ttsd.protocol.jobs import Receipt

TARGET: Final = Path(__file__).with_name("receipt.schema.json")


def text() -> str:
    """What stands in the file."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"


def schema() -> dict[str, Any]:
    """Receipts as JSON Schema 2020-12, with what the source says of each field."""
    found = msgspec.json.schema(Receipt)
    documented = _documented(jobs) | _documented(errors)
    for name, definition in found["$defs"].items():
        definition["description"] = inspect.cleandoc(definition.get("description", ""))
        for field, described in documented.get(name, {}).items():
            definition["properties"][field]["description"] = described
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ttsd:receipt:1",
        "title": "Receipt of ttsd, version 1",
        "description": "The file `<name>.json` beside each output in the outbox.",
        **found,
    }


def _documented(module: Any) -> dict[str, dict[str, str]]:
    """Class → field → the string below the field, which is no docstring that Python keeps."""
    classes = [node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)]
    return {node.name: _fields(node) for node in classes}


def _fields(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                found[name] = inspect.cleandoc(words)
            case _:
                continue
    return found


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
    print(f"{TARGET} is written")
