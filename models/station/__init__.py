"""The station: scans become lines of a draft, and a draft becomes stock."""
