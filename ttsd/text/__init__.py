"""From text to segments: languages, sentences, pauses."""
