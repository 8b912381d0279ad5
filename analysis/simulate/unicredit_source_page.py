"""SOURCE.md of the simulated case: what each file is, every parameter with its source, the hashes."""

from collections.abc import Mapping

from analysis.core.artefacts import sha256_bytes
from analysis.simulate.facebook_layout import ENGAGEMENT_HEADER, WINDOW_DAYS
from analysis.simulate.parameters import listed_group, parameter_rows
from analysis.simulate.unicredit_care import CARE
from analysis.simulate.unicredit_parameters import listed

# One line a table row, however long: Markdown has no other way.
# ruff: noqa: E501
INTRODUCTION = """\
# SIMULATED DATA: the UniCredit reference case

**Every number in this folder was made by a program.** UniCredit has not published its engagement or its service
contacts around its exit from Facebook, Messenger and Instagram (1 June 2019), and nothing here was measured at the
bank, at its peers or on a stock exchange. The dates and a few sizes are public and are cited below; everything else
is an assumption. The peers are invented and stand for no bank. No person appears in any file.

Made by `python -m analysis.simulate.unicredit` with the seed {seed}. This page, `truth.json` and the exports are
written by that command and are never edited; `case.yaml` is written by hand. Licence: that of the project.

## Files

| file | what | layout |
|---|---|---|
| `Facebook Insights Data Export - UniCredit (simulated) - *.csv` | the page, daily, to the day before the closing | page-level Facebook Insights export: windows of {window} days, cp1252, M/D/YYYY, second row describes the columns (cut off in the first window), headers that appear twice, breakdown columns that come and go, empty = no event |
| `daily_tweet_activity_metrics_UniCreditSim_*.csv` | the Twitter account, daily | Twitter Analytics daily export: one file a month, 38 columns, all quoted, end date in the name exclusive, `-` in the promoted columns |
| `instagram.csv` | `date, engagements, reach, followers`, to the day before the closing | plain table |
| `linkedin.csv` | `date, engagements, impressions, followers` | plain table |
| `web.csv` | `date, sessions` (website), `logins` (app; follows demand, not moved by the exit) | plain table |
| `contacts.csv` | `date, channel, contacts`; exited channels have no row from the closing on | plain long table |
| `peers.csv` | `week` (Monday), `brand, channel, engagements` of 24 invented banks, simulated social listening panel | plain long table |
| `care_log.csv.gz` | one row an event of a care case on the written channels from 2 April 2018 on: `ticket, event, time` (local), `channel, customer, tone` (what a classifier said of the signal and of the customer's last message), `public, customer_class, followers, language`; a sample with a share of its own for each channel | gzip, plain table, a ticket's events together |
| `prices.csv` | `SIM-BRAND` and `SIM-INDEX`, a simulated share and index, Milan trading days | Yahoo Finance layout |
| `truth.json` | what the estimates should find; read only to compare finished estimates with it | JSON |

`engagements` on the Facebook page are the column `{header}` (all clicks on the page's content, total count), which
its four `{header} by type - ...` columns add up to. On Twitter they are `engagements`, which the kinds of engagement
add up to. The panel's engagements of the peers are counted in their own way: compare movements on the log scale, not
levels. Days are days in Europe/Rome.

An exited channel's exports end on 31 May 2019. There are no rows of zeros after it: what no longer exists is absent.

## How the truth is defined

For each outcome of the case, `truth.json` compares the expected weekly value with the exit and without it, given the
same factors, seasons, shocks and noise, over the weeks from 3 June 2019 to 23 February 2020. The negative binomial
noise of the counts is not part of it. `diversion` gives, of the contacts expected on Facebook, Messenger and
Instagram without the exit, the share that moved to each channel and the share that was lost. `service` is about the
care log; `service.definitions` says in words what each of its numbers is.

## What the world leaves out

- Diversion and spillover are at full size from the first day; customers do not move before the closing.
- Peers do not react to the exit, and nothing at the exit moves the log-ins.
- Breaches and strong authentication move contacts and website sessions, not engagement.
- Followers do not drive engagement day by day; the levels come from followers, posts and rates at one time.
- Whatever the Facebook and Twitter exports show besides engagements (kinds of click, reach, impressions, places, new
  likes) is made from engagements with fixed shares, all assumptions, so that the layout is whole. No outcome uses it.
- Phone and branches keep no care log here. Every sampled customer has a known class of followers, whatever the channel.
- Cases still open on a channel when it closes are handed to another channel; a reopened case gets no second outcome.
- One country, one account a platform: the group closed 14 Facebook and 8 Instagram accounts.

## Parameters

| part | parameter | value | meaning | source |
|---|---|---|---|---|
"""


def source_page(seed: int, files: Mapping[str, bytes]) -> str:
    """The page's text: introduction, parameter table, sha256 of every file in ``files``."""
    lines = [INTRODUCTION.format(seed=seed, window=WINDOW_DAYS, header=ENGAGEMENT_HEADER).rstrip("\n")]
    lines += parameter_rows(listed())
    lines += parameter_rows(listed_group(CARE))
    lines += ["", "## Hashes (sha256)", "", "| file | bytes | sha256 |", "|---|---|---|"]
    lines += [f"| `{name}` | {len(content)} | `{sha256_bytes(content)}` |" for name, content in sorted(files.items())]
    return "\n".join(lines) + "\n"

