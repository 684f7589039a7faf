"""How one run of check-links checks what it has read: offline, with a progress bar, and once more."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from stashmatrix.commands import documents, settings, terminal
from stashmatrix.commands.configuration import Configuration
from stashmatrix.commands.signals import Interruption
from stashmatrix.commands.watching import watch
from stashmatrix.documents.read import Page
from stashmatrix.options import Options
from stashmatrix.records.findings import Check
from stashmatrix.records.reference import Reference, Source
from stashmatrix.records.results import CheckedLink, Report


def warn(text: str) -> None:
    """Tell the user something that does not end the run."""
    terminal.say(f"warning: {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """What all checks of one run share."""

    options: Options
    configuration: Configuration | None
    """The project's configuration file, which may say what to ignore."""
    knows_all: bool
    """Whether the run reads all that the configuration is about: only then a pattern can be idle."""
    is_wanted: Callable[[Source], bool]
    """Says which places to look at."""
    verbose: bool = False
    """Whether to say what is asked."""

    def check(self, page: Page, interruption: Interruption) -> Report:
        """Check a page, and show how far it is; raise ``KeyboardInterrupt`` before there is a report."""
        from stashmatrix.checking import check  # --help does not need it

        page = self._configured(page)
        interruption.act_as_ctrl_c()
        with watch("asking homeservers", offline=self.options.offline, verbose=self.verbose) as watching:

            def on_progress(completed: int, total: int, awaited: Collection[str]) -> None:
                interruption.questions_begin()
                watching.on_progress(completed, total, awaited)

            report = check(
                page.references,
                self.options,
                ignores=page.ignores,
                is_wanted=self.is_wanted,
                on_progress=on_progress,
                on_attempt=watching.on_attempt,
                warn=warn,
            )
            interruption.only_note()  # before the bar goes, which has to leave the terminal as it was
        return report

    def check_offline(self, page: Page, also: frozenset[Check]) -> Report:
        """Check a page without a word, and ask nobody; report these findings ``also``."""
        from stashmatrix.checking import check

        options = replace(self.options, offline=True, notes=self.options.notes | also)
        return check(self._configured(page).references, options, is_wanted=self.is_wanted)

    def check_again(self, references: Sequence[Reference]) -> Sequence[CheckedLink]:
        """Check references that changed since the run's check."""
        from stashmatrix.checking import check

        return check(references, self.options).links

    def _configured(self, page: Page) -> Page:
        """Return a page with what the configuration file says of it."""
        if self.configuration is None:
            return page
        page = documents.with_file_ignores(page, settings.per_file_ignores(self.configuration))
        if not self.knows_all:
            return page
        return page._replace(ignores=page.ignores + settings.ignores(self.configuration))
