"""Samples, not tensors: PCM and audio files."""
