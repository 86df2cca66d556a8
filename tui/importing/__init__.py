"""Import: file, columns, preview, the work behind them."""
