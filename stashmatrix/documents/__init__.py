"""Documents: which files there are, and every link to Matrix that stands in them."""
