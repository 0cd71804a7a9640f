"""Tells whether an exception means that host or card is out of memory: each allocator says it in its own way."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_TYPE: Final = "OutOfMemoryError"
"""PyTorch's, for a card. By name: a worker whose engine has no use for PyTorch does not import it."""
_WORDS: Final = ("out of memory", "allocate memory", "bad_alloc", "STATUS_ALLOC_FAILED")
"""In a plain RuntimeError: CUDA; PyTorch's allocator for CPUs, and its mmap; C++; cuBLAS and cuDNN."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether there was no memory for it, on the host or on a card."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, RuntimeError):
        return type(error).__name__ == _TYPE or any(words in str(error) for words in _WORDS)
    return isinstance(error, MemoryError)


@contextmanager
def as_memory_error() -> Generator[None]:
    """Whatever way an allocator has to say it, it leaves this block as MemoryError; other exceptions as they are."""
    try:
        yield
    except Exception as error:
        if is_out_of_memory(error) and not isinstance(error, MemoryError):
            raise MemoryError(str(error)) from error
        raise
