"""HTTP and WebSocket: the daemon's doors for clients."""
