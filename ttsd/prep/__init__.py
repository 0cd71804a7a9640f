"""The prep programs: texts and documents, and the encoding of audio, in processes that may be killed."""
