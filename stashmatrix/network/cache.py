"""The cache: where aliases led in earlier runs, in one JSON file.

Only rooms that were found are cached, and only if the alias's own server said so. The cache is best effort:
whatever is wrong with the file, the run goes on without it.

A run reads the file at its start and replaces it as a whole at its end. So a run that is killed leaves the
old file, and of two parallel runs the last one wins.
"""

import json
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from stashmatrix import files
from stashmatrix.errors import InvalidFileError, StashmatrixError
from stashmatrix.jsonfile import JsonFile
from stashmatrix.matrix.identifiers import RoomAlias, RoomId, ServerName
from stashmatrix.records.answers import Answer, Resolved, Summary
from stashmatrix.text import printable_path

VERSION = 3
"""To be raised with every change of the format, of ``Resolved`` and of ``Summary``."""
MAX_BYTES = 40 * 1024 * 1024
"""The largest cache: 90,000 usual answers, or 25,000 with topics of 1,000 characters."""

# A file that begins otherwise is not ours.
_HEAD = '{"format": "stashmatrix cache", '
_OR_DELETE = "delete it, or name another file"
_SUMMARY_KEYS = tuple(field.name for field in fields(Summary))

_Key = tuple[RoomAlias, str, str]
"""All that decides an answer: alias, the base URL that the user gave for its server's API (empty if it was
discovered), and the way there, as ``Web.way`` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an alias's own server said."""

    at: float
    """When the run that asked it began, in seconds since 1970."""
    answer: Resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """The answers of earlier runs that are young enough for this one."""

    path: Path
    now: float
    """When this run began, in seconds since 1970."""
    homeservers: Mapping[ServerName, str]
    """The base URLs that the user gave for servers' APIs."""
    way: str
    """How servers are reached, as ``Web.way`` has it."""
    entries: Mapping[_Key, Entry]
    warning: str | None = None
    """Why the file is ignored, as a line for the user; it then stays as it is."""

    def get(self, alias: RoomAlias) -> Resolved | None:
        """Return where ``alias`` led, if the same API said so that is to be asked now, in the same way."""
        entry = self.entries.get(self.key(alias))
        return None if entry is None else entry.answer

    def key(self, alias: RoomAlias) -> _Key:
        """Return what an answer about ``alias`` is cached under."""
        return alias, self.homeservers.get(alias.server_name, ""), self.way


def load(path: Path, *, homeservers: Mapping[ServerName, str], way: str, max_age: float, now: float) -> Cache:
    """Read the cache at ``path``, without what is older than ``max_age`` seconds or from the future.

    ``now`` is in seconds since 1970. A missing or empty file is a new cache. Raises nothing: if the file
    is not usable, the cache is empty and has a ``warning``.
    """
    entries = _read(path)
    warning = None
    if isinstance(entries, str):
        warning = f"{printable_path(str(path))} is ignored: {entries}"
        entries = {}
    young = {key: entry for key, entry in entries.items() if now - max_age <= entry.at <= now}
    return Cache(path=path, now=now, homeservers=homeservers, way=way, entries=young, warning=warning)


def save(cache: Cache, answers: Mapping[RoomAlias, Answer]) -> str | None:
    """Replace the file by one that holds ``answers``, too: those that servers gave in this run.

    Returns a warning if the file cannot be written. It stays as it is if ``cache`` has a warning, and if
    it is no longer ours. Of more than ``MAX_BYTES``, the oldest answers are dropped.
    """
    if cache.warning is not None:
        return None
    new = {
        cache.key(alias): Entry(at=cache.now, answer=answer)
        for alias, answer in answers.items()
        if isinstance(answer, Resolved) and not answer.by_resolver
    }
    reason = _obstacle(cache.path)
    if reason is None and cache.path.exists() and not os.access(cache.path, os.W_OK):
        reason = "it is read-only"  # which would not keep it from being replaced
    if reason is not None:
        return f"{printable_path(str(cache.path))} cannot be written: {reason}"
    try:
        files.replace(cache.path, _dump({**cache.entries, **new}))
    except StashmatrixError as error:
        return error.message
    return None


def _obstacle(path: Path) -> str | None:
    """Return why nothing may be written to ``path``; ``None`` if the file is ours, empty or missing."""
    try:
        if not path.parent.is_dir():
            return "its folder does not exist; name another file"
        # Before it is opened, as a named pipe would block.
        if not stat.S_ISREG(path.stat().st_mode):
            return "it is not an ordinary file; name another file"
        with path.open("rb") as file:
            head = file.read(len(_HEAD))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else error
        return f"it cannot be read: {words}; name another file"
    return None if head in (b"", _HEAD.encode()) else f"it is not a cache of stashmatrix; {_OR_DELETE}"


def _read(path: Path) -> dict[_Key, Entry] | str:
    """Return the entries of the cache at ``path``, or why it is not usable."""
    reason = _obstacle(path)
    if reason is not None:
        return reason
    try:
        text = files.read_text(path, limit=MAX_BYTES) if path.exists() else ""
        if not text:
            return {}
        file = JsonFile(str(path), text)
        file.check()
    except InvalidFileError as error:
        if error.reason is not None:
            return f"it {error.reason}; {_OR_DELETE}"
        fault = error.faults[0]
        return f"it is damaged ({fault.line}:{fault.column}: {fault.message}); {_OR_DELETE}"
    match file.content:
        case {"version": int(version)} if version != VERSION:
            return f"it is a cache of another version of stashmatrix; {_OR_DELETE}"
        case {"version": int(), "answers": list(values)}:
            return _entries(values)
    return f"it is damaged; {_OR_DELETE}"


def _entries(values: Iterable[object]) -> dict[_Key, Entry]:
    """Read all entries that make sense; about the others, servers are asked again."""
    entries: dict[_Key, Entry] = {}
    for value in values:
        with suppress(ValueError):
            match value:
                case {
                    "alias": str(alias),
                    "given_url": str(url),
                    "way": str(way),
                    "at": int() | float() as at,
                    "answer": said,
                }:
                    entries[RoomAlias(alias), url, way] = Entry(at=at, answer=_answer(said))
    return entries


def _answer(value: object) -> Resolved:
    """Read an answer; raise ``ValueError`` if it makes no sense."""
    match value:
        case {"room_id": str(room_id), "homeserver": str(url), "hidden": bool(hidden), "summary": about}:
            summary = None if about is None else _summary(about)
            return Resolved(room_id=RoomId(room_id), homeserver=url, hidden=hidden, summary=summary)
    raise ValueError


def _summary(value: object) -> Summary:
    """Read a summary; raise ``ValueError`` if it makes no sense."""
    match value:
        case {
            "members": int(members),
            "name": str() | None as name,
            "topic": str() | None as topic,
            "join_rule": str() | None as join_rule,
            "room_type": str() | None as room_type,
            "room_version": str() | None as room_version,
            "canonical_alias": str() | None as canonical_alias,
            "encryption": str() | None as encryption,
        } if not isinstance(members, bool):
            return Summary(
                members=members,
                name=name,
                topic=topic,
                join_rule=join_rule,
                room_type=room_type,
                room_version=room_version,
                canonical_alias=None if canonical_alias is None else RoomAlias(canonical_alias),
                encryption=encryption,
            )
    raise ValueError


def _dump(entries: Mapping[_Key, Entry]) -> str:
    """Write the newest entries that fit into ``MAX_BYTES``: in ASCII, sorted, one a line."""
    head, tail = f'{_HEAD}"version": {VERSION}, "answers": [\n', "\n]}\n"
    size = len(head) + len(tail)
    lines: dict[_Key, str] = {}
    for key, entry in sorted(entries.items(), key=lambda item: (-item[1].at, item[0])):
        line = _line(key, entry)
        size += len(line) + len(",\n")
        if size > MAX_BYTES:
            break
        lines[key] = line
    return head + ",\n".join(lines[key] for key in sorted(lines)) + tail


def _line(key: _Key, entry: Entry) -> str:
    alias, url, way = key
    answer, about = entry.answer, entry.answer.summary
    said = {
        "room_id": answer.room_id,
        "homeserver": answer.homeserver,
        "hidden": answer.hidden,
        "summary": None if about is None else {key: getattr(about, key) for key in _SUMMARY_KEYS},
    }
    return json.dumps({"alias": alias, "given_url": url, "way": way, "at": entry.at, "answer": said})
