"""CrowdTangle, historical report of a list of pages, groups or accounts: one row a post, summed by day."""

from pathlib import Path

from analysis.core.case import Case, Source
from analysis.sources import _crowdtangle, _crowdtangle_columns
from analysis.sources._reading import Reading
from analysis.sources._recognising import Recognition, Sample

NAME = "crowdtangle_history"
LABEL = "CrowdTangle, historical report of pages or groups (CSV)"
REFERENCE = (
    "Layout of CrowdTangle historical reports of Facebook pages and groups, 40 columns, 2021 to 2024; earlier columns "
    "as in issue 137 of the public repository digitalmethodsinitiative/4cat"
)
KPIS = _crowdtangle.KPIS
PERSONAL = _crowdtangle.PERSONAL
POSTED = True  # values stand under the day of posting


class Options(_crowdtangle.Options):
    pass


def recognise(sample: Sample) -> Recognition | None:
    return _crowdtangle_columns.recognise_posts(sample, search=False)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Posts, interactions, reactions and their parts of each page or group, by day as `crowdtangle_search`.

    Reports of Instagram accounts count likes and comments alone. Stocks (followers, likes at posting), views and
    scores are not read. A report that was saved again (with other delimiters, as a workbook of one sheet, its rows
    numbered) is read as long as its times kept their zone; what a spreadsheet destroyed is noted. Before April 2021 a
    report and a search had the same columns: the name of the file tells them apart for `detect`, or nothing does.

    Raises SourceError for a file of another layout, in another encoding or cut, a time whose zone is not known or
    that a spreadsheet has rewritten, a number that cannot be settled, a post given twice with different numbers, and
    a page asked for that is not there; CaseError when the case does not name the channel.
    """
    return _crowdtangle.read_posts(files, source, case, options, search=False)
