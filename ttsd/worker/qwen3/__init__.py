"""Qwen3-TTS-12Hz as our own lean PyTorch engine: the same code eager on a CPU and captured as graphs on CUDA."""
