"""Items and what their serials look like."""
