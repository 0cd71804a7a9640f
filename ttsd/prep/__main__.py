"""The prep program, started by the daemon: `python -m ttsd.prep`."""

import sys

from ttsd.prep.loop import main

if __name__ == "__main__":
    sys.exit(main())
