"""The guide to Matrix that ships with the catalogue: topics to read, homeservers to register on."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stashmatrix.catalogue import yamlfile
from stashmatrix.catalogue.forms import TEXT, Field, ListOf, Mapping, Scalar
from stashmatrix.catalogue.model import Catalogue
from stashmatrix.catalogue.nodes import Document, Node
from stashmatrix.errors import unknown
from stashmatrix.matrix.identifiers import ServerName
from stashmatrix.text import printable


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """A web page to continue with."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One page of the guide: paragraphs, then points, then links; each may be empty."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...]
    links: tuple[WebPage, ...]

    def about(self, catalogue: Catalogue) -> "Topic":
        """Return the topic with what a catalogue says in place of such names as ``{community}``.

        A paragraph that names what the catalogue does not say is left out.
        """
        aliases = () if catalogue.space is None else (each.alias for each in catalogue.space.alternatives)
        said = {
            "{community}": catalogue.community,
            "{space}": "" if catalogue.space is None else catalogue.space.alias,
            "{alternatives}": " and ".join(aliases),
            "{as_of}": str(catalogue.as_of or ""),
        }
        kept = (
            text for text in self.paragraphs if all(value for name, value in said.items() if name in text)
        )
        paragraphs = (re.sub(r"\{\w+\}", lambda name: printable(said[name[0]]), text) for text in kept)
        return replace(self, paragraphs=tuple(paragraphs))

    @property
    def needs_catalogue(self) -> bool:
        """Whether a catalogue has something to say here."""
        return any("{" in text for text in self.paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHomeserver:
    """A homeserver that takes new members."""

    name: ServerName
    sign_up: str
    """URL of the page to register on."""
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """All of the guide."""

    homeservers: tuple[PublicHomeserver, ...]
    more_homeservers: str
    """URL of a list of others."""
    topics: tuple[Topic, ...]

    def topic(self, topic_id: str) -> Topic:
        """Return the topic of that ID; raise ``UnknownNameError`` if there is none."""
        ids = {topic.id: topic for topic in self.topics}
        if topic_id not in ids:
            raise unknown("topic", topic_id, {name: name for name in ids}, otherwise=", ".join(ids))
        return ids[topic_id]


def _server_name(document: Document, node: Node, name: str) -> ServerName | None:
    return document.identifier(node, name, ServerName)


_HOMESERVER = Mapping(
    "a homeserver",
    {
        "name": Field(Scalar("server name", _server_name), "The homeserver's server name.", required=True),
        "sign_up": Field(TEXT, "The URL of the page to register on.", required=True),
        "note": Field(TEXT, "What to know before registering."),
    },
)
_PAGE = Mapping(
    "a link",
    {
        "title": Field(TEXT, "The page's title.", required=True),
        "url": Field(TEXT, "The page's URL.", required=True),
    },
)
_TOPIC = Mapping(
    "a topic",
    {
        "id": Field(TEXT, "The name that people type.", required=True),
        "title": Field(TEXT, "The topic's heading.", required=True),
        "text": Field(ListOf(TEXT), "Its paragraphs."),
        "points": Field(ListOf(TEXT), "The points below them."),
        "links": Field(ListOf(_PAGE), "The web pages to continue with."),
    },
)
_GUIDE = Mapping(
    "the guide",
    {
        "homeservers": Field(ListOf(_HOMESERVER), "Homeservers that take new members.", required=True),
        "more_homeservers": Field(TEXT, "The URL of a list of other homeservers.", required=True),
        "topics": Field(ListOf(_TOPIC), "The topics, in reading order.", required=True),
    },
)


def load(path: Path) -> Guide:
    """Load the guide at ``path``; raise ``InvalidFileError`` with all its faults."""
    document = yamlfile.load(path)
    values = _GUIDE.read(document, document.root, "the guide").values
    document.finish()
    return Guide(
        homeservers=tuple(PublicHomeserver(**server.values) for server in values["homeservers"]),
        more_homeservers=values["more_homeservers"],
        topics=tuple(_topic(topic.values) for topic in values["topics"]),
    )


def _topic(values: dict[str, Any]) -> Topic:
    return Topic(
        id=values["id"],
        title=values["title"],
        paragraphs=values["text"],
        points=values["points"],
        links=tuple(WebPage(**page.values) for page in values["links"]),
    )
