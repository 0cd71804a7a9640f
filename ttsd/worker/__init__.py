"""The worker program: one engine, its slots, and a socket to the daemon."""
