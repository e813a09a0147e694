"""Learning platforms: `intake` reads what they hand out, `export` writes what they take back; one file a platform."""
