"""From lists and records to files: what a list shows, as CSV, XLSX, JSON lines or text; documents to print."""
