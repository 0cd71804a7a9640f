"""The voice doctor: reads a reference clip, says what is wrong with it, and mends what can be mended safely."""
