"""Every rule that needs no network: one function a finding, named after its code."""

from collections.abc import Iterable

from stashmatrix.records.findings import Check, Finding
from stashmatrix.records.reference import Reference
from stashmatrix.text import printable


def published_link_differs(reference: Reference) -> Iterable[Finding]:
    """Repeat the page's wrong link. Silent if the catalogue records none."""
    if reference.published_link is not None:
        link = printable(reference.published_link)
        yield Finding(
            Check.PUBLISHED_LINK_DIFFERS, f"the published page linked {printable(reference.target)} to {link}"
        )
