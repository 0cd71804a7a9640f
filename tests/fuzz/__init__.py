"""Parsers under random input: `python -m tests.fuzz NAME [SECONDS]` for each module here that has a `check`.

The usual tests call those checks too, for a moment.
"""
