"""The attacks' folders hold hostile code, which is never imported."""

collect_ignore_glob = ["[0-9][0-9]_*"]
