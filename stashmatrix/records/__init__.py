"""What the rooms of the package pass on to each other: frozen, without rules and without I/O."""
