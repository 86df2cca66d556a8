"""The page of barcodes that is printed for the warehouse: its layout, and what it is as SVG and as PDF."""
