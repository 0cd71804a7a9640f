"""The built-in voices beyond English: their synthesisers, what turns text into phonemes, and who speaks what."""
