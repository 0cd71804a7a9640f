"""What a checkpoint's `config.json` files say of the model's shape: only the keys that decide a number here.

Names are those of the published files (Qwen3-TTS-12Hz-{0.6B,1.7B}-{Base,CustomVoice,VoiceDesign}). The classes of the
official package have defaults that fit none of these; so what decides a shape has no default here, and a file
without it is refused.
"""

from typing import Any

import msgspec


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A stack of decoder layers with grouped-query attention."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rms_norm_eps: float = 1e-6
    rope_theta: float


class PredictorConfig(Stack, frozen=True, kw_only=True):
    """The code predictor: codes 1 to 15 of a frame from the talker's hidden state and code 0."""

    vocab_size: int
    num_code_groups: int


class TalkerConfig(Stack, frozen=True, kw_only=True):
    """The talker: code 0 of each frame from text and the frames before."""

    vocab_size: int
    num_code_groups: int
    text_hidden_size: int
    text_vocab_size: int
    code_predictor_config: PredictorConfig
    codec_language_id: dict[str, int]
    spk_id: dict[str, int | list[int]] = {}
    spk_is_dialect: dict[str, str | bool] = {}
    codec_pad_id: int
    codec_bos_id: int
    codec_eos_token_id: int
    codec_think_id: int
    codec_nothink_id: int
    codec_think_bos_id: int
    codec_think_eos_id: int


class SpeakerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The speaker encoder, an ECAPA-TDNN (Desplanques et al. 2020); the published files name only what differs."""

    enc_dim: int
    sample_rate: int = 24_000
    mel_dim: int = 128
    enc_channels: tuple[int, ...] = (512, 512, 512, 512, 1536)
    enc_kernel_sizes: tuple[int, ...] = (5, 3, 3, 3, 1)
    enc_dilations: tuple[int, ...] = (1, 2, 3, 4, 1)
    enc_attention_channels: int = 128
    enc_res2net_scale: int = 8
    enc_se_channels: int = 128


class ModelConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`config.json`."""

    model_type: str
    tokenizer_type: str
    tts_model_type: str
    tts_model_size: str = ""
    talker_config: TalkerConfig
    speaker_encoder_config: SpeakerConfig | None = None
    im_start_token_id: int
    im_end_token_id: int
    assistant_token_id: int
    tts_pad_token_id: int
    tts_bos_token_id: int
    tts_eos_token_id: int

    @property
    def talker(self) -> TalkerConfig:
        return self.talker_config


class DecoderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The codec's decoder: codes to sound."""

    codebook_size: int
    codebook_dim: int
    num_quantizers: int
    num_semantic_quantizers: int = 1
    vector_quantization_hidden_dimension: int = 512
    latent_dim: int
    decoder_dim: int
    hidden_size: int
    intermediate_size: int
    head_dim: int
    num_attention_heads: int
    num_key_value_heads: int
    num_hidden_layers: int
    sliding_window: int
    upsample_rates: tuple[int, ...]
    upsampling_ratios: tuple[int, ...]
    rope_theta: float
    rms_norm_eps: float
    layer_scale_initial_scale: float = 0.01


class CodecConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`speech_tokenizer/config.json`."""

    model_type: str
    input_sample_rate: int
    output_sample_rate: int
    decode_upsample_rate: int
    encode_downsample_rate: int
    encoder_valid_num_quantizers: int
    encoder_config: dict[str, Any]
    decoder_config: DecoderConfig


class GenerationConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`generation_config.json`: how the official package samples when it is not told otherwise."""

    temperature: float = 0.9
    top_k: int = 50
    top_p: float = 1.0
    repetition_penalty: float = 1.05
    subtalker_temperature: float = 0.9
    subtalker_top_k: int = 50
    subtalker_top_p: float = 1.0
