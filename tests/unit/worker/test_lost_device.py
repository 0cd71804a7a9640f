"""What an engine may raise when its card refuses this process for good."""

import pytest

from ttsd.worker.lost_device import is_device_lost


class AcceleratorError(RuntimeError):
    """As PyTorch's."""


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (RuntimeError("CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be …"), True),
        (RuntimeError("CUDA error: unspecified launch failure"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), True),
        (AcceleratorError("device-side assert triggered"), True),
        (RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"), False),
        (ValueError("CUDA error: not from the card"), False),
    ],
)
def test_it_is_told_by_type_and_words(error: Exception, lost: bool) -> None:
    assert is_device_lost(error) is lost
