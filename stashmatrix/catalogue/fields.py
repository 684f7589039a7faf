"""Every key of a catalogue file: its form, its meaning, and whether it is required."""

from datetime import date

from stashmatrix.catalogue.forms import BOOLEAN, TEXT, Field, ListOf, Mapping, OneOf, Scalar
from stashmatrix.catalogue.model import Address, Flag
from stashmatrix.catalogue.nodes import Document, Node
from stashmatrix.matrix.identifiers import RoomAlias
from stashmatrix.matrix.links import parse_link
from stashmatrix.records.reference import Source
from stashmatrix.text import quoted


def _alias(document: Document, node: Node, name: str) -> Address | None:
    alias = document.identifier(node, name, RoomAlias)
    if alias is None:
        return None
    if not alias.localpart:
        document.fault(node, f"{quoted(alias)} has no name before the colon")
        return None
    return Address(alias, Source(document.path, node.line, node.column))


def _link(document: Document, node: Node, name: str) -> str | None:
    def checked(text: str) -> str:
        parse_link(text)
        return text

    return document.identifier(node, name, checked)


def _date(document: Document, node: Node, name: str) -> date | None:
    if (text := document.text(node, name)) is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or text != day.isoformat():  # fromisoformat reads other forms too
        document.fault(node, f"{name}: expected a date such as 2024-01-16, got {quoted(text)}")
        return None
    return day


def _id(document: Document, node: Node, name: str) -> str | None:
    if (text := document.text(node, name)) is None:
        return None
    if not all(word.isascii() and word.isalnum() and word == word.lower() for word in text.split("-")):
        form = "lower-case letters, digits and single hyphens"
        document.fault(node, f"{name}: expected {form}, got {quoted(text)}")
        return None
    return text


ALIAS = Scalar("alias", _alias)
LINK = Scalar("link", _link)
DATE = Scalar("date", _date)
ID = Scalar("id", _id)
FLAG = OneOf("flag", {str(flag): flag for flag in Flag})

COMMUNITY = Mapping(
    "community",
    {
        "name": Field(TEXT, "The community's name.", required=True),
        "prefix": Field(TEXT, "The beginning of the room names that people may leave out."),
    },
)
SPACE = Mapping(
    "space",
    {
        "alias": Field(ALIAS, "The space's main address.", required=True),
        "alternatives": Field(ListOf(ALIAS), "Other addresses of the same space."),
    },
)
FLAGS = Mapping(
    "flags",
    {str(flag): Field(TEXT, f"What the flag {flag} means in this community.") for flag in Flag},
)
CATEGORY = Mapping(
    "a category",
    {
        "id": Field(
            ID, "The name that rooms and commands use: lower-case letters, digits, hyphens.", required=True
        ),
        "title": Field(TEXT, "The heading above the category's rooms.", required=True),
    },
)
ROOM = Mapping(
    "a room",
    {
        "alias": Field(ALIAS, "The room's main address.", required=True),
        "name": Field(TEXT, "What the room is called; the alias up to its colon unless given."),
        "aliases": Field(ListOf(ALIAS), "Other addresses of the same room."),
        "category": Field(TEXT, "The id of the room's category.", required=True),
        "flags": Field(ListOf(FLAG), "What sets the room apart."),
        "description": Field(TEXT, "What the room is for."),
        "published_link": Field(LINK, "The link on the community's page, if it leads to another room."),
        "check": Field(BOOLEAN, "Whether check-links checks the room; true unless given."),
        "reason": Field(TEXT, "Why check-links does not check the room."),
    },
)
CATALOGUE = Mapping(
    "the catalogue",
    {
        "community": Field(COMMUNITY, "The community whose rooms these are.", required=True),
        "source": Field(TEXT, "Where the catalogue comes from."),
        "as_of": Field(DATE, "The last day on which the catalogue was correct."),
        "space": Field(SPACE, "The community's space, a room of rooms."),
        "flags": Field(FLAGS, "What each flag means in this community."),
        "categories": Field(ListOf(CATEGORY), "The groups of rooms, in their order.", required=True),
        "rooms": Field(ListOf(ROOM), "The rooms, in their order.", required=True),
    },
)
