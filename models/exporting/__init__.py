"""Writing lists and records to files: CSV, XLSX, JSON lines or text; documents to print."""
