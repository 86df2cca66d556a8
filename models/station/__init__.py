"""The scan station: scans become lines of a draft, and DONE turns the draft into stock."""
