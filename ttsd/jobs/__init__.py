"""The queue's life cycle, the slots, and the way from a job to its audio."""
