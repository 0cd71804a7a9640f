"""Parsers under random input: `python -m tests.fuzz.NAME` with atheris, and by hypothesis in the usual tests."""
