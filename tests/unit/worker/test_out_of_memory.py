"""Exceptions that mean "no memory", in the words of those who raise them."""

import errno
import mmap

import pytest
import torch

from ttsd.protocol.errors import EngineFailed
from ttsd.worker.out_of_memory import as_memory_error, is_out_of_memory


def too_large_a_tensor() -> None:
    torch.empty(2**50)


def too_large_a_list() -> None:
    bytearray(2**60)


def too_large_a_mapping() -> None:
    mmap.mmap(-1, 2**60)


@pytest.mark.parametrize("allocate", [too_large_a_tensor, too_large_a_list, too_large_a_mapping])
def test_what_really_finds_no_memory_is_told(allocate):
    with pytest.raises((RuntimeError, MemoryError, OSError)) as caught:
        allocate()
    assert is_out_of_memory(caught.value)
    with pytest.raises(MemoryError), as_memory_error():
        allocate()


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of …"),
        torch.OutOfMemoryError(),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("unable to mmap 1829344304 bytes from file </m/model.safetensors>: Cannot allocate memory (12)"),
        RuntimeError("std::bad_alloc"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        MemoryError(),
    ],
)
def test_the_words_of_a_card_and_of_libraries(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x64 and 32x64)"),
        RuntimeError("CUDA error: an illegal memory access was encountered"),
        RuntimeError("can't start new thread"),
        OSError(errno.ENOENT, "No such file or directory"),
        ValueError("out of memory"),
        EngineFailed("the engine has stopped"),
    ],
)
def test_other_failures_are_left_as_they_are(error):
    assert not is_out_of_memory(error)
    with pytest.raises(type(error)) as caught, as_memory_error():
        raise error
    assert caught.value is error


def test_a_memory_error_stays_the_one_it_is():
    error = MemoryError("as it was")
    with pytest.raises(MemoryError) as caught, as_memory_error():
        raise error
    assert caught.value is error
