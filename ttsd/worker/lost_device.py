"""Tells whether an exception means that this process can do nothing more on its card."""

from typing import Final

_TYPE: Final = "AcceleratorError"
"""PyTorch's, since 2.8. By name, as in `out_of_memory`."""
_WORDS: Final = ("CUDA error:", "CUDNN_STATUS_EXECUTION_FAILED", "CUBLAS_STATUS_EXECUTION_FAILED")
"""In a plain RuntimeError.

Source: NVIDIA, "CUDA C++ Programming Guide", error checking: after such a fault every call of the process fails, and
its context is gone only with the process.
"""


def is_device_lost(error: BaseException) -> bool:
    """Whether the card is lost to this process; lack of memory is none of this: look for that first."""
    if not isinstance(error, RuntimeError):
        return False
    return type(error).__name__ == _TYPE or any(words in str(error) for words in _WORDS)
