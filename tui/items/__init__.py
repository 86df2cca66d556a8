"""Items: the list, the item form and the dialog for a new item."""
