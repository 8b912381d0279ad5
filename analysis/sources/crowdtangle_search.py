"""CrowdTangle, export of the posts a search found: one row a post, summed by day."""

from pathlib import Path

from analysis.core.case import Case, Source
from analysis.sources import _crowdtangle, _crowdtangle_columns
from analysis.sources._reading import Reading
from analysis.sources._recognising import Recognition, Sample

NAME = "crowdtangle_search"
LABEL = "CrowdTangle, posts found by a search (CSV)"
REFERENCE = (
    "Layout of CrowdTangle search exports of Facebook posts, 41 columns, 2021 to 2024; earlier columns as in issue 137 "
    "of the public repository digitalmethodsinitiative/4cat"
)
KPIS = _crowdtangle.KPIS
PERSONAL = _crowdtangle.PERSONAL
POSTED = True  # values stand under the day of posting


class Options(_crowdtangle.Options):
    pass


def recognise(sample: Sample) -> Recognition | None:
    return _crowdtangle_columns.recognise_posts(sample, search=True)


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """Posts, interactions, reactions and their parts, by the day each post was created in the source's time zone.

    A post counts with what it had gathered when it was exported, under the day it was posted. Likes and followers at
    posting are stocks, views are counted in three ways that overlap, scores are ratios: none of them is summed, so
    none is read. Total interactions are settled by the sum of reactions, comments and shares, whatever the language
    they are written in. Absent values are left out with a note, days without a post are not filled. Searches of
    Instagram count likes and comments alone, those of Twitter likes and retweets. A file that was saved again is read
    as `crowdtangle_history` says.

    Raises SourceError for a file of another layout, in another encoding or cut, a time whose zone is not known or
    that a spreadsheet has rewritten, a number that cannot be settled, a post given twice with different numbers, and
    a page asked for that is not there; CaseError when the case does not name the channel.
    """
    return _crowdtangle.read_posts(files, source, case, options, search=True)
