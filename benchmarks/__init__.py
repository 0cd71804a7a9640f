"""Every figure this project claims, one command each: `python -m benchmarks NAME`."""
