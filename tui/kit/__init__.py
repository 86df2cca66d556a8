"""Parts of screens that know no warehouse."""
