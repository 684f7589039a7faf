"""What the Matrix specification says: identifiers and links."""
