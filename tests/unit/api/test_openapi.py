"""The published description is that of the routes there are."""

import re
from pathlib import Path

from starlette.routing import Route

from ttsd.api.app import build_app
from ttsd.api.openapi import described, encoded
from ttsd.api.operations import OPERATIONS

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_file_is_what_the_definitions_give():
    assert FILE.read_bytes() == encoded(), "run: python docs/openapi.py"


async def test_the_daemon_answers_it(http):
    async with http.get("/v1/openapi.json") as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        assert await answer.read() == FILE.read_bytes()


async def test_every_route_is_described_and_nothing_else(house):
    routes = [route for route in build_app(house.services).routes if isinstance(route, Route)]
    there = {(method.lower(), route.path) for route in routes for method in route.methods or () if method != "HEAD"}
    assert there == {(each.method, each.path) for each in OPERATIONS}


def test_fields_are_explained_and_patterns_are_portable():
    schemas = described()["components"]["schemas"]
    assert schemas["NewJob"]["description"].startswith("Body of")
    assert "\\Z" not in str(schemas)
    assert re.search(schemas["NewJob"]["properties"]["voice"]["anyOf"][0]["pattern"], "anna@happy")
