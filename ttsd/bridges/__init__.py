"""Other programs' protocols."""
