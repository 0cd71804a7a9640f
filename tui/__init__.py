"""The terminal app: an ordinary client of the daemon's socket."""
