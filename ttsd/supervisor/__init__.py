"""Child processes and the cards: starting, watching, replacing the worker and the prep processes."""
