"""What the name of a file or a folder tells: document or program, written by hand or generated."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Programming languages and their build files, style sheets, and what diffs and snapshots quote of them.
_PROGRAMS = _words(
    """
    4th ac ada adb ads am applescript as asm awk bas bash bat bats bazel bzl c c++ cc cjs cl clj cljc cljs cls
    cmake cmd coffee cp cpp cr cs csh css cts cu cxx d dart diff e eex el elm erl ex exs f f03 f08 f90 f95
    fish for fs fsi fsx gd gemspec glsl go gradle groovy h h++ heex hh hlsl hpp hrl hs hxx inl ino ipp java jl
    js jsx kt kts ksh l less lisp lua m m4 mak metal mjs mk ml mli mm mod mts nim nix nu nut pas patch php
    php3 php4 php5 perl phtml pl plx pm pony pp prisma pro proto ps1 psd1 psm1 purs pxd pxi py pyi pyw pyx qml
    r rake rb re rei rkt rs s sass sbt sc scala scm scss sed sh sls snap sol sql ss st star styl sv svelte svh
    swift t tcl tcsh tf thrift ts tsx v vala vb vba vbs vhd vhdl vim vue wat wgsl wsf xonsh y zig zsh
    """
)
_PROGRAM_NAMES = _words(
    """
    apkbuild brewfile build cmakelists.txt configure containerfile dangerfile dockerfile earthfile fastfile
    gemfile gnumakefile gradlew guardfile jenkinsfile justfile makefile meson.build meson_options.txt mvnw
    pkgbuild podfile procfile rakefile sconscript sconstruct tiltfile vagrantfile workspace wscript
    """
)
_BINARIES = _words(
    """
    3gp 7z a aac aiff apk ar avi avif bin bmp br bz2 class cur db deb dll dmg docx dylib ear eot epub exe flac
    flv gif gpg gz heic heif icns ico iso jar jks jpeg jpg jxl keystore lib lz4 lzma m4a m4v mkv mo mobi mov
    mp3 mp4 mpeg mpg msi node npy npz o obj odp ods odt oga ogg ogv onnx opus otf p12 parquet pb pdf pickle
    pkl png ppt pptx psd pyc pyd pyo rar rpm safetensors sig so sqlite sqlite3 svgz swf tar tgz tif tiff ttf
    ttc wasm wav webm webp whl wma wmv woff woff2 xls xlsx xz zip zst
    """
)
_GENERATED = _words("bak lock lockb lockfile map orig rej")
_LOCK_FILES = _words(
    """
    cartfile.resolved go.sum npm-shrinkwrap.json package-lock.json package.resolved packages.lock.json
    pnpm-lock.yaml
    """
)
_NOT_DOCUMENTS = _PROGRAMS | _BINARIES | _GENERATED
_NOT_DOCUMENT_NAMES = _PROGRAM_NAMES | _LOCK_FILES

_TEMPLATES = _words("ejs erb in j2 jinja jinja2 mustache template tera tmpl tpl")
"""A template is of the kind of what it makes: ``setup.py.in`` is a program, ``README.md.in`` a document."""

REPOSITORIES = _words(".git .hg .svn .jj .bzr _darcs CVS")
"""Folders of version control, which nobody wants to have read."""

_SHOWN = _words(".github .gitlab .gitea .forgejo .vitepress .vuepress .well-known")
"""Hidden folders that hold documents."""

VENDORED = _words(
    """
    node_modules bower_components jspm_components web_modules vendor vendored third_party third-party
    site-packages venv virtualenv Pods Carthage __pycache__ __pypackages__
    """
)
"""Folders of what others wrote, tracked by version control or not."""

OUTPUT = _words("target dist build _build _site htmlcov")
"""Folders that programs write: where nobody tells what is tracked, they are taken for that."""

UNTRACKED_OUTPUT = OUTPUT | _words("public site coverage")
"""Folders that programs write, and people too: what is tracked in them is a person's."""


def is_document(name: str) -> bool:
    """Say whether a file of that name may be a document: text that is neither a program nor generated."""
    name = name.lower()
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in _TEMPLATES:
        return is_document(stem)
    if dot and suffix in _NOT_DOCUMENTS:
        return False
    return name not in _NOT_DOCUMENT_NAMES and ".min." not in name and not name.endswith("~")


def is_hidden(name: str) -> bool:
    """Say whether a file or folder of that name is hidden, but for folders that hold documents."""
    return name.startswith(".") and name not in _SHOWN
