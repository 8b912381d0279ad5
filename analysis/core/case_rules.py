"""Rules that tie one part of a case to another: its dates to the exit, its donors to its channels, its articles to its
brands."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from analysis.core.case_plan import check_plan
from analysis.core.case_texts import check_translations
from analysis.core.errors import nearest
from analysis.core.kpis import KPIS, kind_of, kpi_of
from analysis.core.paths import COMPARISON
from analysis.core.vocabulary import KINDS, why_no_sum

if TYPE_CHECKING:
    from analysis.core.case import Case, StudyWindows

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOSING = "channels_closed"  # the kind of stage


def check_dates_of_the_exit(case: "Case") -> None:
    """Raises ValueError where a channel's closing, the stage that closes it and the windows contradict each other."""
    for channel in case.channels:
        said = [item.date for item in case.stages if item.kind == CLOSING and channel.id in item.channels]
        if channel.closed and said and channel.closed not in said:
            raise ValueError(
                f'channel "{channel.id}" closed on {channel.closed}, but the stage that closes it is dated '
                f"{', '.join(map(str, said))}: correct one of the two"
            )
    for outcome in case.outcomes:
        if outcome.scale != "log_return":
            _check_windows(case, f'outcome "{outcome.id}"', outcome.channels, case.windows_of(outcome))
    if case.diversion:
        _check_windows(case, "diversion", case.diversion.exited, case.diversion.windows or case.windows)


def _check_windows(case: "Case", name: str, channels: tuple[str, ...], windows: "StudyWindows") -> None:
    """An exited channel is whole before the event and gone from it on, unless the windows study its return."""
    before = last_day_before(case, windows)
    for channel in (item for item in case.channels if item.id in channels and item.closed):
        closed, back = channel.closed, case.returned(channel.id)
        if back and windows.first >= closed and windows.event >= back:
            continue
        if before >= closed:
            raise ValueError(
                f'{name}: the time before the event runs to {before}, but "{channel.id}" closed on {closed}: set '
                "pre_last before the closing"
            )
        if windows.event < closed:
            raise ValueError(
                f'{name}: the event is {windows.event}, but "{channel.id}" closed on {closed} only: set event to the '
                "closing or later, or take the channel out to study the announcement"
            )


def last_day_before(case: "Case", windows: "StudyWindows") -> date:
    """The last day that counts as before: in weekly studies the week's last, not its label."""
    day = windows.pre_last
    if case.frequency == "week":
        day += timedelta(days=6 - (day.weekday() - WEEKDAYS.index(case.week_starts)) % 7)
    return min(day, windows.event - timedelta(days=1))


def check_donors(case: "Case") -> None:
    """Raises ValueError where the brand, or a channel of it, is named as a donor."""
    channels = {channel.id for channel in case.channels}
    for outcome in case.outcomes:
        if not isinstance(outcome.donors, tuple):
            continue
        if case.brand in outcome.donors:
            raise ValueError(f'outcome "{outcome.id}": the brand\'s own series is never a donor')
        own = sorted(channels & set(outcome.donors))
        if own:
            raise ValueError(
                f'outcome "{outcome.id}": "{own[0]}" under donors is a channel of the brand. What stays of a brand '
                "that leaves is treated too and never a donor: name brands that did not leave, and give each channel "
                "that stayed an outcome of its own"
            )


def check_articles(case: "Case") -> None:
    """Raises ValueError where an article is to be fetched for somebody who is not in the study."""
    if case.fetch is None:
        return
    known = {case.brand, *case.competitors, *(item.treated for item in case.outcomes if item.treated)}
    known |= {name for item in case.outcomes if isinstance(item.donors, tuple) for name in item.donors}
    unknown = [name for name in case.fetch.wikimedia.articles if name not in known]
    if unknown:
        raise ValueError(
            f'fetch: "{unknown[0]}" under articles is neither the brand nor one of the competitors. '
            f"{nearest(unknown[0], known)}"
        )


def check_accounts(case: "Case") -> None:
    """Raises ValueError where there is a register of accounts and no channels that they could be on."""
    if case.accounts is not None and not case.channels:
        raise ValueError("accounts: a register needs channels:, the platforms that its accounts are on")


def check_metrics(case: "Case") -> None:
    """Raises ValueError where kpis: ties a metric to nothing, and where an outcome adds up people over channels."""
    for name, kpi in case.kpis.items():
        if name in KPIS:
            raise ValueError(f'kpis: "{name}" is a KPI by its own name: give your metric another one')
        if kpi not in KPIS and kpi not in KINDS:
            raise ValueError(f'kpis: {name}: there is no KPI "{kpi}". {nearest(kpi, (*KPIS, *KINDS))}')
    for outcome in case.outcomes:
        why = why_no_sum(kind_of(kpi_of(outcome.metric, case.kpis)), over="channels")
        if why and len(outcome.channels) > 1:
            raise ValueError(
                f'outcome "{outcome.id}": channels: {outcome.metric} of {len(outcome.channels)} channels is never '
                f"added up ({why}): name one channel, and give each of the others an outcome of its own"
            )


def check_claims(case: "Case") -> None:
    """Raises ValueError where a claim names an outcome that the case does not have."""
    known = [item.id for item in case.outcomes]
    for claim in case.claims:
        if claim.outcome is not None and claim.outcome not in known:
            raise ValueError(
                f'claim "{claim.quote}": there is no outcome "{claim.outcome}". {nearest(claim.outcome, known)}'
            )


def check_slug(case: "Case") -> None:
    """Raises ValueError for the name that the comparison of cases is published under."""
    if case.slug == COMPARISON:
        raise ValueError(f'slug: "{COMPARISON}" is where cases are compared: give the case another name')


RULES = (
    check_slug,
    check_dates_of_the_exit,
    check_donors,
    check_articles,
    check_accounts,
    check_claims,
    check_metrics,
    check_plan,
    check_translations,
)
