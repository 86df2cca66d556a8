"""Find: one screen that finds serials, items, locations, customers and documents."""
