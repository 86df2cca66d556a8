"""Items, and the rules and learned shapes of their serials."""
