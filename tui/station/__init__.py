"""The station: scans in, verdicts out."""
