"""What platforms hand out: one file a platform, and what turns their hand-ins into submissions."""
