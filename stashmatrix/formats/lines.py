"""Lines that several formats share."""

import json
from posixpath import normpath

from stashmatrix.catalogue.reading import is_bundled
from stashmatrix.records.findings import Finding
from stashmatrix.records.results import CheckedLink, Report, Skipped
from stashmatrix.text import printable_path


def location(link: CheckedLink | Skipped) -> str:
    """Write where a link stands, as ``path:line:column``."""
    path, line, column = link.reference.source
    if is_bundled(path):
        return f"data/rooms.yaml:{line}:{column} (bundled)"
    return f"{printable_path(path)}:{line}:{column}"


def in_folder(path: str, folder: str) -> str:
    """Return a path as it counts from the repository's root; ``folder`` is where relative ones count from."""
    return path if path.startswith("/") else normpath(f"{folder}/{path}") if folder else path


def in_repository(path: str, report: Report) -> str | None:
    """Return a path as it counts from the repository's root; ``None`` if the file is not in there."""
    place = in_folder(path, report.folder)
    if report.root and place.startswith(f"{report.root}/"):
        place = place.removeprefix(f"{report.root}/")
    return None if normpath(place).startswith(("/", "../")) else place


def finding_line(link: CheckedLink, finding: Finding) -> str:
    """Write a finding of a link: location, severity, code and message."""
    return f"{location(link)}: {finding.severity}[{finding.check.code}] {finding.message}"


def fingerprint(*parts: object) -> str:
    """Return a hash of what tells a finding from all others."""
    import hashlib  # most formats need none

    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()


def own_hint(finding: Finding) -> str:
    """Write what follows a message where no other hint is beside it: nothing, unless the hint is its own."""
    return "" if finding.own_hint is None else f"; hint: {finding.own_hint}"
