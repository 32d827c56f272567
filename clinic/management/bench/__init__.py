"""How fast the app is: an invented clinic of any size, and what its pages cost."""
