"""Makes tests/unit/worker/qwen3/goldens/talker-{projected,plain}.safetensors: greedy codes of the official package.

Run it in the venv of the oracle (qwen-tts 0.1.1, transformers 4.57.3): `python tests/oracle/talker_goldens.py`.

A golden holds a random talker (weights rounded to bfloat16, its configuration in the metadata), and for each case the
prompt's rows, the trailing text rows, the pad row, settings and codes. A case is taken only when float32 and float64
agree on all of its codes: no near tie decides, so another order of summation does not either. `projected` has a talker
wider than its predictor, as the 1.7B checkpoints have; in `plain` they are equally wide, as in the 0.6B ones.
"""

import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import official
import torch
from safetensors.torch import save_file

GOLDENS = Path(__file__).parents[1] / "unit" / "worker" / "qwen3" / "goldens"
CODES, GROUPS = 16, 16
EOS = CODES + 102
FRAMES = 40
SHAPES = {"projected": (32, 24), "plain": (24, 24)}
CASES = (  # prompt rows, trailing rows, repetition penalty, whether speech is to end by itself
    ("streaming", 10, 40, 1.05, False),
    ("text-first", 70, 0, 1.0, False),
    ("ending", 33, 12, 1.3, True),
)


def configuration(hidden, inner):
    both = {"rope_theta": 1000000, "rms_norm_eps": 1e-6, "num_code_groups": GROUPS, "head_dim": 8}
    predictor = {
        **both,
        "vocab_size": CODES,
        "hidden_size": inner,
        "intermediate_size": 40,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    control = {"pad": 100, "bos": 101, "think": 106, "nothink": 107, "think_bos": 108, "think_eos": 109}
    return {
        **both,
        "code_predictor_config": predictor,
        "vocab_size": CODES + 1024,
        "hidden_size": hidden,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rope_scaling": {"interleaved": True, "mrope_section": [2, 1, 1], "rope_type": "default", "type": "default"},
        "text_hidden_size": 20,
        "text_vocab_size": 40,
        "codec_language_id": {"english": CODES + 2},
        "codec_eos_token_id": EOS,
        **{f"codec_{name}_id": CODES + offset for name, offset in control.items()},
    }


def weights(model, seed):
    """Scaled so that activations stay near 1: everything matters, and near ties are rare."""
    noise = torch.Generator().manual_seed(seed)
    state = {}
    for name, tensor in model.state_dict().items():
        drawn = torch.rand(tensor.shape, generator=noise) * 2 - 1
        if name.endswith("norm.weight"):
            drawn = 1 + 0.2 * drawn
        elif name.endswith("bias"):
            drawn = 0.1 * drawn
        elif "embedding" not in name:
            drawn = drawn * math.sqrt(3 / tensor.shape[-1])
        if name == "codec_head.weight":
            drawn *= 2
        state[name] = drawn.bfloat16()
    return state


def generate(talker, prompt, trailing, pad, penalty, ends):
    dtype = next(talker.parameters()).dtype
    vocabulary = talker.config.vocab_size
    made = talker.generate(
        inputs_embeds=prompt[None].to(dtype),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.int64),
        trailing_text_hidden=(trailing if len(trailing) else pad)[None].to(dtype),
        tts_pad_embed=pad[None].to(dtype),
        max_new_tokens=FRAMES + 1,
        min_new_tokens=2 if ends else FRAMES + 1,
        do_sample=False,
        subtalker_dosample=False,
        eos_token_id=EOS,
        pad_token_id=EOS,
        repetition_penalty=penalty,
        suppress_tokens=[token for token in range(vocabulary - 1024, vocabulary) if token != EOS],
        output_hidden_states=True,
        return_dict_in_generate=True,
    )
    codes = torch.stack([step[-1] for step in made.hidden_states if step[-1] is not None], 1)[0]
    ended = (codes[:, 0] == EOS).nonzero()
    return codes[: int(ended[0])] if len(ended) else codes


def case(talkers, rows, trailing_rows, penalty, ends):
    width = talkers[0].config.hidden_size
    for seed in range(1000):
        noise = torch.Generator().manual_seed(seed)
        sizes = (rows, trailing_rows, 1)
        prompt, trailing, pad = (torch.rand(size, width, generator=noise) * 2 - 1 for size in sizes)
        codes = generate(talkers[0], prompt, trailing, pad, penalty, ends)
        if ends and not 8 <= len(codes) < FRAMES:
            continue
        if torch.equal(codes, generate(talkers[1], prompt, trailing, pad, penalty, ends)):
            return {"prompt": prompt, "trailing": trailing, "pad": pad, "codes": codes.to(torch.uint8)}
    raise SystemExit(f"no seed gives {rows} + {trailing_rows} rows a fitting length; change the weights' seed")


@torch.no_grad()
def main():
    with official.stand_ins():
        from qwen_tts.core.models.configuration_qwen3_tts import Qwen3TTSTalkerConfig
        from qwen_tts.core.models.modeling_qwen3_tts import Qwen3TTSTalkerForConditionalGeneration
    for name, (hidden, inner) in SHAPES.items():
        config = configuration(hidden, inner)
        model = Qwen3TTSTalkerForConditionalGeneration(Qwen3TTSTalkerConfig(**json.loads(json.dumps(config)))).eval()
        state = weights(model, seed=3)
        model.load_state_dict({key: tensor.float() for key, tensor in state.items()})
        exact = (
            Qwen3TTSTalkerForConditionalGeneration(Qwen3TTSTalkerConfig(**json.loads(json.dumps(config))))
            .eval()
            .double()
        )
        exact.load_state_dict({key: tensor.double() for key, tensor in state.items()})
        tensors = {f"talker.{key}": tensor for key, tensor in state.items()}
        for title, rows, trailing_rows, penalty, ends in CASES:
            made = case((model, exact), rows, trailing_rows, penalty, ends)
            made["penalty"] = torch.tensor(penalty)
            tensors |= {f"{title}.{key}": tensor.contiguous() for key, tensor in made.items()}
            print(name, title, len(made["codes"]), "frames", flush=True)
        save_file(tensors, GOLDENS / f"talker-{name}.safetensors", {"config": json.dumps(config)})


if __name__ == "__main__":
    main()
