"""What typed inputs have in common: how they refuse, in one shape, what cannot be used."""
