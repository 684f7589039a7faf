"""Numbers in sentences."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun; the plural takes an s unless given."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
