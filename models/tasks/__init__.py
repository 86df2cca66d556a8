"""Tasks: what one scan means during a verb of the warehouse, and what DONE makes of all of them."""
