"""The official package loads a checkpoint once, and says what that took, as JSON.

    python tests/oracle/loaded.py CHECKPOINT

`python -m benchmarks qwen3_load` starts it by turns with our loader.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import official
import torch


def main() -> None:
    with official.stand_ins():
        from qwen_tts import Qwen3TTSModel

    started = time.perf_counter()
    model = Qwen3TTSModel.from_pretrained(sys.argv[1], dtype=torch.float32)
    load_s = time.perf_counter() - started
    status = Path("/proc/self/status").read_text()
    peak_kib = int(status.partition("VmHWM:")[2].split()[0])
    print(json.dumps({"load_s": load_s, "peak_bytes": peak_kib * 1024}), flush=True)
    del model


if __name__ == "__main__":
    main()
