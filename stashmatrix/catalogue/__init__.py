"""The catalogue and the guide: their records, and the files that they are read from."""
