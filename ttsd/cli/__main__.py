"""`python -m ttsd.cli` is `ttsd`."""

from ttsd.cli import main

main()
