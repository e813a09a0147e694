"""Where student code runs: one protocol, several engines behind it."""
