"""What several subjects show of the warehouse."""
