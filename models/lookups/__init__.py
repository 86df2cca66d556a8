"""Reads: windows of long lists, find, history, reconcile. Nothing here writes."""
