"""Import: the screen with its steps file, columns, preview and import, and the work behind them."""
