"""The prep program: parses documents and prepares text in a process that may be killed."""
