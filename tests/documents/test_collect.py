"""Which files a run reads: real folders, links, pipes, and repositories of git."""

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from stashmatrix.documents.collect import MAX_BYTES, Document, Selection, collect, listed, load
from stashmatrix.errors import StashmatrixError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*paths: str, text: str = "text\n") -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def git(*arguments: str, folder: str = ".") -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.test", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def repository(folder: str, *tracked: str) -> None:
    """Make a repository that has a commit with the files ``tracked``."""
    git("init", "--quiet", folder)
    for path in tracked:
        write(f"{folder}/{path}")
    git("add", "--all", folder=folder)
    git("commit", "--quiet", "--allow-empty", "--message=x", folder=folder)


def collected(
    *paths: str,
    selection: Selection | None = None,
    warnings: list[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    notes: list[str] = []
    documents = collect(
        paths or ["."],
        selection or Selection(),
        warn=notes.append,
        environment=os.environ | (environment or {}),
    )
    if warnings is None:
        assert notes == []
    else:
        warnings += notes
    return [document.path for document in documents]


def plain() -> None:
    """Leave the folder as it is: no checkout."""


def checkout() -> None:
    git("init", "--quiet")


def tracking() -> None:
    git("init", "--quiet")
    git("add", "--all", "--force")


# What stands in a folder

IN_FOLDERS = [
    pytest.param(["b.md", "a-b/x.md", "a/x.md", "a.md"], ["a-b/x.md", "a.md", "a/x.md", "b.md"], id="order"),
    pytest.param(
        ["LICENSE", "a.MD", "a.1", "a.c.rst", "a.ipynb", "a.po", "a.yml", "links.inc", "po/de"],
        ["LICENSE", "a.1", "a.MD", "a.c.rst", "a.ipynb", "a.po", "a.yml", "links.inc", "po/de"],
        id="documents and data",
    ),
    pytest.param(["a.py", "a.TSX", "b/Makefile", "CMakeLists.txt", "a.css", "a.md~"], [], id="programs"),
    pytest.param(["a.html.j2", "a.in", "a.py.in", "Makefile.in"], ["a.html.j2", "a.in"], id="templates"),
    pytest.param(["Cargo.lock", "package-lock.json", "a.min.html", "a.json.map"], [], id="generated files"),
    pytest.param(["a.png", "a.PDF", "a.so"], [], id="binaries by their name"),
    pytest.param(
        [".a.md", ".github/a.md", ".github/.a.yml", ".gitea/b/a.md", ".vscode/a.json", "a/.b/c.md"],
        [".gitea/b/a.md", ".github/a.md"],
        id="hidden",
    ),
    pytest.param(
        ["node_modules/a/a.md", "a/vendor/b.md", "venv/a.txt", "vendor.md"], ["vendor.md"], id="vendored"
    ),
    pytest.param(
        ["a\nb.md", "caf\u00e9.md", "-x.md", "::x.md", " .md"],
        [" .md", "-x.md", "::x.md", "a\nb.md", "caf\u00e9.md"],
        id="odd names",
    ),
]


@pytest.mark.parametrize("in_git", [plain, checkout, tracking])
@pytest.mark.parametrize(("tree", "expected"), IN_FOLDERS)
def test_the_documents_of_a_folder_are_read(
    in_git: Callable[[], None], tree: Sequence[str], expected: Sequence[str]
) -> None:
    write(*tree)
    in_git()
    assert collected(warnings=[]) == expected


@pytest.mark.parametrize(
    ("in_git", "expected"),
    [
        (plain, ["public/a.md"]),
        (checkout, []),
        (tracking, ["_site/a.md", "build/b/a.md", "docs/target/a.md", "public/a.md"]),
    ],
)
def test_what_programs_write_is_left_out_unless_git_tracks_it(
    in_git: Callable[[], None], expected: Sequence[str]
) -> None:
    write("_site/a.md", "build/b/a.md", "docs/target/a.md", "public/a.md")
    in_git()
    assert collected(warnings=[]) == expected


@pytest.mark.parametrize("in_git", [plain, checkout, tracking])
def test_links_are_not_followed_and_pipes_not_opened(in_git: Callable[[], None]) -> None:
    write("a.md", "folder/b.md")
    Path("link.md").symlink_to("a.md")
    Path("dead.md").symlink_to("nowhere")
    Path("loop").symlink_to(".")
    Path("folder/up").symlink_to("..")
    os.mkfifo("pipe.md")
    in_git()
    assert collected() == ["a.md", "folder/b.md"]


@pytest.mark.parametrize("in_git", [plain, checkout, tracking])
def test_a_name_may_be_of_any_bytes(in_git: Callable[[], None]) -> None:
    Path(os.fsdecode(b"caf\xe9.md")).write_bytes(b"x")
    in_git()
    (path,) = collected()
    assert os.fsencode(path) == b"caf\xe9.md"
    assert load(Document(path, named=False, included=False), warn=pytest.fail) == b"x"


# What is ignored


@pytest.mark.parametrize("in_git", [plain, checkout])
@pytest.mark.parametrize("path", [".", "docs"])
def test_ignored_files_are_left_out_in_git_and_out_of_it(in_git: Callable[[], None], path: str) -> None:
    write(".gitignore", text="*.txt\n/docs/out/\n")
    write("docs/.gitignore", text="!b.txt\n")
    write("docs/a.md", "docs/a.txt", "docs/b.txt", "docs/out/a.md", "docs/in/out/a.md")
    in_git()
    assert collected(path) == ["docs/a.md", "docs/b.txt", "docs/in/out/a.md"]


@pytest.mark.parametrize("in_git", [plain, checkout])
def test_ignored_files_are_read_if_the_user_says_so(in_git: Callable[[], None]) -> None:
    write(".gitignore", text="a.md\n")
    write("a.md", "build/b.md", "vendor/c.md")
    in_git()
    assert collected(selection=Selection(no_ignore=True)) == ["a.md", "build/b.md"]


def test_what_git_tracks_is_read_even_if_it_is_ignored() -> None:
    write(".gitignore", text="*.md\n")
    write("a.md")
    tracking()
    write("b.md")
    assert collected() == ["a.md"]


def test_deleted_and_unmerged_files_are_no_trouble() -> None:
    repository(".", "a.md", "b.md", "gone.md", "folder/c.md")
    git("checkout", "--quiet", "-b", "other")
    write("a.md", text="one")
    git("commit", "--quiet", "--all", "--message=x")
    git("checkout", "--quiet", "-")
    write("a.md", text="two")
    git("commit", "--quiet", "--all", "--message=x")
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "other")
    Path("gone.md").unlink()
    Path("folder").rename("elsewhere")
    Path("folder").symlink_to("elsewhere")
    assert collected() == ["a.md", "b.md", "elsewhere/c.md"]


@pytest.mark.parametrize("in_git", [plain, checkout, tracking])
def test_a_repository_in_a_folder_is_read_by_its_own_rules(in_git: Callable[[], None]) -> None:
    write("a.md")
    repository("inner", "b.md", "build/c.md")
    write("inner/.gitignore", text="d.md\n")
    write("inner/d.md", "inner/e.md", "inner/dist/f.md")
    in_git()
    assert collected() == ["a.md", "inner/b.md", "inner/build/c.md", "inner/e.md"]


def test_a_submodule_is_read() -> None:
    repository("origin", "b.md")
    repository("checkout", "a.md")
    git("submodule", "--quiet", "add", "../origin", "module", folder="checkout")
    git("submodule", "--quiet", "add", "../origin", "empty", folder="checkout")
    git("submodule", "--quiet", "deinit", "--force", "empty", folder="checkout")
    assert collected("checkout") == ["checkout/a.md", "checkout/module/b.md"]


@pytest.mark.parametrize("hook", ["checkout", "other"])
@pytest.mark.parametrize("path", ["checkout", "checkout/docs"])
def test_in_a_hook_of_whatever_repository_each_folder_is_read_by_its_own(hook: str, path: str) -> None:
    repository("other", "b.md")
    repository("checkout", "docs/tracked.md")
    write("checkout/.gitignore", text="tracked.md\nignored.md\n")
    write("checkout/docs/ignored.md")
    variables = {
        "GIT_DIR": str(Path(hook, ".git").absolute()),
        "GIT_INDEX_FILE": str(Path(hook, ".git/index").absolute()),
        "GIT_PREFIX": "x/",
    }
    assert collected(path, environment=variables) == ["checkout/docs/tracked.md"]


@pytest.mark.parametrize("marker", ["fsmonitor", "hooks/post-index-change"])
def test_a_checkout_runs_no_program_of_its_own(marker: str) -> None:
    repository(".", "a.md")
    write(f".git/{marker}", text="#!/bin/sh\ntouch was-run.md\n")
    Path(f".git/{marker}").chmod(0o755)
    git("config", "core.fsmonitor", ".git/fsmonitor")
    git("config", "core.untrackedCache", "true")
    assert collected() == ["a.md"]
    assert not Path("was-run.md").exists()


def test_nothing_is_fetched_for_a_partial_clone() -> None:
    repository("origin", "a.md")
    write("origin/docs/.gitignore", text="b.md\n")
    git("add", "--all", folder="origin")
    git("commit", "--quiet", "--message=x", folder="origin")
    git("config", "uploadpack.allowFilter", "true", folder="origin")
    git("clone", "--quiet", "--filter=blob:none", "--sparse", Path("origin").absolute().as_uri(), "clone")
    write("clone/docs/b.md")
    fetched = sorted(Path("clone/.git/objects").rglob("*"))
    assert collected("clone", warnings=[]) == ["clone/a.md", "clone/docs/b.md"]
    assert sorted(Path("clone/.git/objects").rglob("*")) == fetched


def test_a_checkout_that_git_refuses_is_read_by_its_gitignore_files_with_a_note() -> None:
    repository("checkout", "a.md")
    write("checkout/.gitignore", text="b.md\n")
    write("checkout/b.md")
    warnings: list[str] = []
    refusing = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    assert collected("checkout", warnings=warnings, environment=refusing) == ["checkout/a.md"]
    (warning,) = warnings
    assert warning.startswith("git cannot list checkout/: ")
    assert warning.endswith("; its .gitignore files are read instead")


def test_git_need_not_be_installed() -> None:
    write(".gitignore", text="b.md\n")
    write("a.md", "b.md")
    checkout()
    assert collected(environment={"PATH": "/nowhere"}) == ["a.md"]


def test_a_gitignore_that_is_a_link_is_not_followed() -> None:
    write("patterns", text="a.md\n")
    write("a.md")
    Path(".gitignore").symlink_to("patterns")
    assert collected() == ["a.md", "patterns"]


# What the user selects


@pytest.mark.parametrize("in_git", [plain, checkout, tracking])
@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection(), ["README.md", "docs/a.md", "docs/b/a.txt"], id="default"),
        pytest.param(
            Selection(include=("src/", "*.lock")),
            ["README.md", "a.lock", "docs/a.md", "docs/b/a.txt", "src/a.py", "src/b.py"],
            id="include",
        ),
        pytest.param(
            Selection(include=("src/", "!b.py")),
            ["README.md", "docs/a.md", "docs/b/a.txt", "src/a.py"],
            id="include but one",
        ),
        pytest.param(Selection(exclude=("docs",)), ["README.md", "vendor/a.md"], id="exclude replaces"),
        pytest.param(Selection(extend_exclude=("docs",)), ["README.md"], id="extend-exclude adds"),
        pytest.param(
            Selection(extend_exclude=("/docs/*", "!/docs/b")),
            ["README.md", "docs/b/a.txt"],
            id="exclude all but one",
        ),
        pytest.param(
            Selection(include=("a.py",), extend_exclude=("src/", "docs/")), ["README.md"], id="exclude wins"
        ),
        pytest.param(
            Selection(hidden=True),
            [".a/b.md", ".c.md", "README.md", "docs/a.md", "docs/b/a.txt"],
            id="hidden",
        ),
    ],
)
def test_the_user_selects_what_is_read(
    in_git: Callable[[], None], selection: Selection, expected: Sequence[str]
) -> None:
    write("README.md", "a.lock", "docs/a.md", "docs/b/a.txt", "src/a.py", "src/b.py", "vendor/a.md")
    write(".a/b.md", ".c.md")
    in_git()
    assert collected(selection=selection) == expected
    assert collected(str(Path.cwd()), selection=selection) == [f"{Path.cwd()}/{path}" for path in expected]


def test_patterns_count_from_the_working_directory_whatever_folder_is_named() -> None:
    write("docs/a/x.md", "docs/b/x.md", "docs/b/x.py")
    selection = Selection(include=("/docs/b/",), extend_exclude=("docs/a",))
    for path in ["docs", "docs/b"]:
        assert collected(path, selection=selection) == ["docs/b/x.md", "docs/b/x.py"]
    assert collected("docs/a", selection=selection, warnings=[]) == []


# What the user names


@pytest.mark.parametrize("in_git", [plain, checkout])
@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["b.md", "a.md"], ["b.md", "a.md"]),
        (["./a.md", ".//b.md", "a.md", "folder/../a.md"], ["a.md", "b.md"]),
        (["folder", "a.md"], ["folder/c.md", "folder/d.md", "a.md"]),
        (["./folder/", "folder"], ["folder/c.md", "folder/d.md"]),
        (["folder/../folder"], ["folder/../folder/c.md", "folder/../folder/d.md"]),
        (["folder", "folder/c.md", "."], ["folder/d.md", "folder/c.md", "a.md", "b.md"]),
        (["folder/d.md", "folder"], ["folder/d.md", "folder/c.md"]),
        (["link.md", "a.md", "linked"], ["link.md", "linked/c.md", "linked/d.md"]),
        (["-", "a.md", "-"], ["-", "a.md"]),
        (
            [".hidden", "ignored.md", "vendor", "a.py", "a.png"],
            [".hidden/a.md", "ignored.md", "vendor/a.md", "a.py", "a.png"],
        ),
    ],
)
def test_each_file_is_read_once_under_the_name_that_the_user_gave_it(
    in_git: Callable[[], None], paths: Sequence[str], expected: Sequence[str]
) -> None:
    write(
        "a.md",
        "b.md",
        "folder/c.md",
        "folder/d.md",
        ".hidden/a.md",
        "vendor/a.md",
        "a.py",
        "a.png",
        "ignored.md",
    )
    write(".gitignore", text="ignored.md\n")
    Path("link.md").symlink_to("a.md")
    Path("linked").symlink_to("folder")
    in_git()
    assert collected(*paths) == expected


def test_it_is_known_which_files_the_user_named() -> None:
    write("folder/a.md", "folder/b.md", "folder/c.py")
    selection = Selection(include=("*.py",))
    documents = collect(["folder", "folder/a.md"], selection, warn=pytest.fail, environment=os.environ)
    assert documents == (
        Document("folder/b.md", named=False, included=False),
        Document("folder/c.py", named=False, included=True),
        Document("folder/a.md", named=True, included=True),
    )


def test_a_file_that_the_user_names_may_be_judged_as_any_other() -> None:
    names = ["a.md", ".b.md", "vendor/c.md", "d.py", "e.py", "f/g.md", "-"]
    write(*names[:-1])
    selection = Selection(force_exclude=True, include=("e.py",), extend_exclude=("f",))
    assert collected(*names, selection=selection) == ["a.md", "e.py", "-"]
    absolute = [str(Path(name).absolute()) for name in names[:-1]]
    assert collected(*absolute, selection=selection) == [absolute[0], absolute[4]]


@pytest.mark.parametrize("path", ["", "a.md", "/"])
def test_no_path_counts_from_a_working_directory_that_is_gone(path: str, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(StashmatrixError) as caught:
        collected(path)
    assert caught.value.message.startswith("the working directory cannot be read: ")


def test_an_empty_path_is_not_the_working_directory() -> None:
    write("a.md")
    with pytest.raises(StashmatrixError) as caught:
        collected("")
    assert caught.value.message == "expected a path, got an empty text"


@pytest.mark.parametrize("name", ["missing.md", "a.md/b", "dead.md", "x" * 300, "a\x00b", "missing/"])
def test_a_path_that_leads_nowhere_is_an_error(name: str) -> None:
    write("a.md")
    Path("dead.md").symlink_to("nowhere")
    with pytest.raises(StashmatrixError, match="cannot be read: "):
        collected("a.md", name)


def test_a_folder_without_documents_is_worth_a_warning() -> None:
    write("folder/a.py", "a.md")
    warnings: list[str] = []
    assert collected("folder", "a.md", warnings=warnings) == ["a.md"]
    assert warnings == ["folder has no documents: --hidden, --no-ignore and --include read more"]


def test_a_folder_too_deep_to_open_is_worth_a_warning() -> None:
    write("a.md")
    descriptor = os.open(".", os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=descriptor)
        inner = os.open("x" * 250, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    warnings: list[str] = []
    assert collected(warnings=warnings) == ["a.md"]
    (warning,) = warnings
    assert "x/ cannot be read: " in warning


# Globs


@pytest.mark.parametrize("in_git", [plain, checkout, tracking])
@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.md", ["a.md"]),
        ("**/*.md", ["a.md", "docs/b.md", "docs/sub/c.md"]),
        ("docs/**/*.md", ["docs/b.md", "docs/sub/c.md"]),
        ("./docs/[bc].md", ["docs/b.md"]),
        ("docs/**", ["docs/b.md", "docs/sub/c.md"]),
        ("doc?/sub", ["docs/sub/c.md"]),
        ("docs/*.py", ["docs/d.py"]),
        ("[id].md", ["[id].md"]),
    ],
)
def test_a_glob_that_the_shell_left_is_expanded(
    in_git: Callable[[], None], glob: str, expected: Sequence[str]
) -> None:
    write("a.md", "docs/b.md", "docs/sub/c.md", "docs/d.py", "node_modules/a.md", ".hidden/a.md")
    if glob in expected:
        write(glob)
    in_git()
    assert collected(glob) == expected
    absolute = f"{Path.cwd()}/{glob.removeprefix('./')}"
    assert collected(absolute) == [f"{Path.cwd()}/{path}" for path in expected]


@pytest.mark.parametrize("glob", ["*.rst", "missing/*.md", "node_modules/**/*.py", "a.md/*"])
def test_a_glob_without_a_match_is_an_error(glob: str) -> None:
    write("a.md", "node_modules/a.md")
    with pytest.raises(StashmatrixError) as caught:
        collected(glob)
    assert caught.value.message == f"'{glob}' matches no document"
    assert caught.value.hint == "--hidden, --no-ignore and --include read more"


# Lists


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a.md\nb c.md\r\n\n\xe9.md", ["a.md", "b c.md", os.fsdecode(b"\xe9.md")]),
        (b"a\nb.md\0c.md\r\0", ["a\nb.md", "c.md\r"]),
        (b"", []),
    ],
)
def test_a_list_has_a_path_a_line_or_nul_characters(data: bytes, expected: Iterable[str]) -> None:
    assert listed(data) == tuple(expected)


# What is in a file


@pytest.mark.parametrize(
    ("name", "data", "is_read"),
    [
        ("a.md", b"", True),
        ("a.md", b"caf\xe9", True),
        ("a.md", b"x" * 200_000, True),
        ("a.md", b"x" * 7999 + b"\0", False),
        ("a.md", b"x" * 8000 + b"\0", True),
        ("a.md", "x".encode("utf-16"), True),
        ("a.md", b"\xfe\xff\0x", True),
        ("a.md", "x".encode("utf-32"), True),
        ("a.md", b"\0\0\xfe\xff\0\0\0x", True),
        ("tool", b"#!/bin/sh\n", False),
        ("README", b"# README\n", True),
        ("a.md", b"#!/bin/sh\n", True),
    ],
)
def test_a_file_that_was_found_is_read_if_it_is_a_text(name: str, data: bytes, is_read: bool) -> None:
    Path(name).write_bytes(data)
    found = Document(name, named=False, included=False)
    assert load(found, warn=pytest.fail) == (data if is_read else None)
    assert load(found._replace(named=True), warn=pytest.fail) == data


def huge(path: str) -> None:
    with Path(path).open("wb") as file:
        file.truncate(MAX_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (huge, "file cannot be read: it is larger than 128 MiB", None),
        (
            os.mkfifo,
            "file cannot be read: it is not an ordinary file",
            "save what a pipe or a device gives to a file first",
        ),
        (lambda path: Path(path).symlink_to("/dev/zero"), None, None),
        (lambda _: None, None, None),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_if_the_user_named_it(
    make: Callable[[str], None], message: str | None, hint: str | None
) -> None:
    make("file")
    warnings: list[str] = []
    assert load(Document("file", named=False, included=False), warn=warnings.append) is None
    with pytest.raises(StashmatrixError) as caught:
        load(Document("file", named=True, included=True), warn=pytest.fail)
    (warning,) = warnings
    assert warning.startswith("file cannot be read: ")
    if message is not None:
        assert (caught.value.message, warning, caught.value.hint) == (message, message, hint)


def test_a_link_is_read_only_if_the_user_named_it() -> None:
    write("a.md")
    Path("link").symlink_to("a.md")
    warnings: list[str] = []
    assert load(Document("link", named=True, included=True), warn=warnings.append) == b"text\n"
    assert warnings == []
    assert load(Document("link", named=False, included=False), warn=warnings.append) is None
    assert len(warnings) == 1
