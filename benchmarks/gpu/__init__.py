"""What the Qwen3-TTS engine does on a card: `python -m benchmarks.gpu`; see benchmarks/README.md."""
