"""What befalls a daemon in production, one scenario each, under a load: `python -m tests.faults` writes docs/faults.md.

`scenarios.py` lists them with what must come of each, `stage.py` lets them happen, `listeners.py` are the clients that
are there meanwhile, `table.py` words it all for operators.
"""
