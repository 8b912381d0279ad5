"""`exit-study new`: a commented case folder to start from."""

import re
from pathlib import Path
from textwrap import fill

from analysis.core import artefacts, paths
from analysis.core.errors import CaseError
from analysis.sources import available

CASE_TEXT = """\
# A case: who left what and when, which files hold the data, what is to be estimated and how.
# Unknown keys are errors. `{command} check {slug}` tells every problem at once.
slug: {slug}
# Write your own three texts: `check` minds those of the template.
title: {title}
brand: {brand}
summary: {summary}
data_status: real            # real, simulated or mixed; the report's banner says so
# rights: whose the data are and what allows their use; the report prints it
time_zone: Europe/Rome
frequency: week              # day, week or trading_day
week_starts: monday

stages:                      # in order of time
  - {{id: announcement, date: 2024-05-06, kind: announced, label: Exit announced}}
  - {{id: exit, date: 2024-06-03, kind: channels_closed, label: Channel closed, channels: [facebook]}}

# Before, left out (announcement to exit), after. In weekly studies these are the weeks' first days.
windows: {{first: 2023-01-02, pre_last: 2024-04-29, event: 2024-06-03, last: 2024-12-30}}

channels:                    # exited channels say when they closed; they are never an outcome of their own
  - {{id: facebook, label: Facebook, role: exited, closed: 2024-06-03}}
  - {{id: linkedin, label: LinkedIn, role: retained}}

# accounts: accounts.csv           # each account's closing: brand,country,platform,handle,opened,closed,carries_service
# competitors: [Peer A, Peer B]   # donors: brands that did not leave; 19 or more give a 95 % interval

# Formats: {formats}
# `{command} detect FILE` tells which of them an export is, and writes its source.
sources:
  - id: engagement
    format: measurements_csv
    label: Engagement by day and channel
    files: [engagement.csv]  # names or patterns like insights-*.csv, inside this folder
    options:
      layout: long
      date: date
      channel_column: channel
      metric: engagements
      value: engagements

outcomes:
  - id: engagement_total
    label: Total engagement
    question: engagement     # engagement, service or reputation
    role: primary            # checks are run on primary outcomes
    metric: engagements
    channels: [facebook, linkedin]
    unit: engagements
    estimand: average change in weekly engagement over all channels
    estimator: default       # chosen by declared rules from the data before the event; or name one
    scale: log               # log: relative effects; level: absolute ones
    smallest_effect: 0.10    # the smallest change that matters, declared before looking
  # The total falls because the exited channel counts as nothing. What people did elsewhere shows on channels that stay:
  - id: engagement_linkedin
    label: Engagement on LinkedIn
    question: engagement
    role: primary
    metric: engagements
    channels: [linkedin]
    unit: engagements
    estimand: average change in weekly engagement on LinkedIn, which stayed
    estimator: default
    scale: log
    smallest_effect: 0.10

# care: {{source: SERVICE_LOG}}  # a source of cases (event_log_csv, service_cases_csv): speed, equal treatment, tone
# privacy:                   # what of people may be shown; this is what stands unless you say otherwise
#   minimum_cell: 10         # counts of fewer people are left empty, levels of fewer cases become "other"
#   bins: {{age: [18, 30, 65]}}  # an attribute of the log (`fields:`) that is a number, put between these edges
#   prefix: {{postcode: 2}}    # a code or a date, cut to its first characters

# events:                    # what else happened; adjust: true leaves the days out of the models
#   - {{id: campaign, label: Spring campaign, first: 2024-03-01, last: 2024-03-14, adjust: true}}

# translations:              # what the Italian page says for a text of this file; a text without stays as it is
#   it:
#     "Engagement on LinkedIn": "Interazioni su LinkedIn"
# claims:                    # numbers that others published about this exit; the report says what they can mean
#   - {{quote: Sales up 3 %, by: Our brand, interested: true, about: sales, value: 0.03, window: June 2024,
#      first: 2024-06-01, last: 2024-06-30, comparator: June 2023, compared: own_past, says: Little., source: Press}}

# fetch:                     # `{command} fetch {slug}` downloads daily views of these articles into wikimedia/
#   wikimedia: {{project: en.wikipedia.org, first: 2023-01-02, last: 2024-12-30, articles: {{Our brand: Its_article}}}}
# A source reads them with format: wikimedia_pageviews, files: [wikimedia/*.json], a channel of their own, and
# options: {{articles: {{Its_article: Our brand}}}}
"""

PLACEHOLDERS = {
    "title": "What leaving did to the brand's engagement",
    "brand": "Our brand",
    "summary": "One paragraph in plain words; it opens the report.",
}
EXPORT_TEXT = "date,channel,engagements\n"
SOURCE_TEXT = """\
# {slug}: origin and rights of the data

For each file: who exported it, from where, when, under which rights, and its sha256 (`sha256sum FILE`).
The files are kept as received and never edited.
"""


def case_text(name: str) -> str:
    """The template's case.yaml; the list of formats is whatever readers there are."""
    formats = fill(", ".join(available()), width=100, subsequent_indent="#   ")
    return CASE_TEXT.format(slug=name, command=paths.COMMAND, formats=formats, **PLACEHOLDERS)


def free_folder(name: str, into: Path | None = None) -> Path:
    """Where the case's folder will be. Raises CaseError when the name is not usable or taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
        raise CaseError(
            f'"{name}" cannot name a case', where="exit-study new", cure="use lower case letters, digits, dashes"
        )
    folder = (into or paths.RAW) / name
    if folder.exists() or folder.is_symlink():
        raise CaseError(f'"{name}" is there already', where="exit-study new", cure="choose another name")
    return folder


def make_case(name: str, into: Path | None = None) -> Path:
    """Make the folder; returns it. Raises CaseError when the name is not usable or taken."""
    folder = free_folder(name, into)
    artefacts.write_text(folder / paths.CASE_FILE, case_text(name))
    artefacts.write_text(folder / "engagement.csv", EXPORT_TEXT)
    artefacts.write_text(folder / "SOURCE.md", SOURCE_TEXT.format(slug=name))
    return folder
