"""What screens and dialogs are made of; knows no warehouse."""
