"""What crosses a process border: requests, jobs, health, events, errors and the IPC messages."""
