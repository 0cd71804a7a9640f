"""How files come in: which have settled, who watches, how documents are read."""
