"""What the screens are made of; a widget is given values and shows them."""
