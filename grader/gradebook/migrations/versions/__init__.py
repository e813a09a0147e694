"""One file a step: its name ends in the revision."""
