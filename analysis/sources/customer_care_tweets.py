"""Customer support on Twitter: one row a tweet, customers and companies; conversations become service cases."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.core.case import Case, Source, Strict, Text
from analysis.core.errors import SourceError, nearest
from analysis.sources._clock import localised
from analysis.sources._conversations import HEADLESS, cases_of_messages
from analysis.sources._dates import moments
from analysis.sources._options import Encoding, MomentFormat
from analysis.sources._personal import Personal
from analysis.sources._reading import Note, Reading, channel_of, place, together, unit_of, zone_of
from analysis.sources._recognising import TODO, Dated, Doubt, Recognition, Sample
from analysis.sources._sheet import Sheet, read_sheet
from analysis.sources._tally import by_day

NAME = "customer_care_tweets"
LABEL = "Customer support on Twitter, one row a tweet (CSV)"
REFERENCE = "Layout of the public data set Customer Support on Twitter (twcs.csv), tweets of 2008 to 2017"

KPIS: dict[str, str] = {}
PERSONAL = (
    Personal("tweet_id, in_response_to_tweet_id", "case_id", "numbered"),
    Personal("response_tweet_id", "case_id", "never"),
    Personal("author_id", "author", "sorted"),
    Personal("text", "text", "sorted"),
    Personal("created_at", "moment", "kept"),
)
ID = re.compile(r"([0-9]+)(?:\.0)?")  # a table saved again by some tools writes the ids of answers as 119237.0
WORDS = {"true": True, "false": False}
OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}( [0-9]{4})?$|Z$")
MENTION = re.compile(r"@(\w{1,40})")
SHOWN_ACCOUNTS = 8


class Options(Strict):
    """``accounts``: the brand's own care accounts; needed where several companies answer."""

    accounts: tuple[Text, ...] = ()
    encoding: Encoding = "utf-8"
    date_format: MomentFormat = "%a %b %d %H:%M:%S %z %Y"


def recognise(sample: Sample) -> Recognition | None:
    columns = ("tweet_id", "author_id", "inbound", "created_at", "in_response_to_tweet_id")
    if not sample.has(*columns):
        return None
    wrote, came, to, at = (sample.header.index(name) for name in ("author_id", "inbound", columns[-1], "created_at"))
    rows = [row for row in sample.records[1:] if len(row) == len(sample.header)]
    answer = sorted({row[wrote] for row in rows if row[to] and row[came].casefold() == "false"} - {""})
    # A table saved again by some tools writes times in their own way; as published each says its zone.
    zoned = all(OFFSET.search(row[at]) for row in rows)
    dated = Dated("created_at", Options.model_fields["date_format"].default, zone="" if zoned else "time_zone")
    plain = Recognition(f"columns {', '.join(columns)}", "twitter", dates=(dated,), plain_numbers=False)
    if len(answer) < 2:
        return plain
    more = f" and {len(answer) - SHOWN_ACCOUNTS} more" if len(answer) > SHOWN_ACCOUNTS else ""
    shown = ", ".join(answer[:SHOWN_ACCOUNTS])
    doubt = Doubt(f"{len(answer)} accounts answer, and nothing says which is the brand's: {shown}{more}", "accounts")
    return replace(plain, options={"accounts": TODO}, doubts=(doubt,))


def read(files: tuple[Path, ...], source: Source, case: Case, options: Options) -> Reading:
    """The cases, and how many began ("cases") and how many tweets customers wrote in them ("contacts") a local day.

    A case begins with a customer's tweet that answers no other customer, and is whatever answers it. The brand's first
    answer stands as ``taken_in_charge``, the act that the time to first response is read from; nothing says when a
    case was closed. A case belongs to the account that answered first, or, unanswered, to the one first mentioned.
    Texts are read for that only; texts and authors are not kept. Conversations whose beginning is not in the file are
    left out with a note. Raises SourceError for a file that is cut, an id that was rounded, a word other than True and
    False, a date that cannot be read, a tweet given twice in two versions, answers in a circle, several companies
    without ``accounts`` and an account that never answered; CaseError when the case names no channel.
    """
    zone, channel = zone_of(source, case), channel_of(source)
    done = together(partial(_tweets, path, options, zone) for path in files)
    tweets, notes = _once(pd.concat([frame for frame, _ in done], ignore_index=True))
    notes = [*(note for _, found in done for note in found), *notes]
    tweets = tweets.assign(case_id=cases_of_messages(tweets))
    headless = tweets["case_id"] == HEADLESS
    if headless.any():
        detail = f"first: {place(tweets, int(headless.to_numpy().argmax()))}; left out"
        notes.append(Note(files[0].name, "tweet of a conversation without its beginning", int(headless.sum()), detail))
    tweets = tweets[tweets["case_id"].notna() & ~headless].reset_index(drop=True)
    if tweets.empty:
        raise SourceError(
            "no customer's tweet begins a conversation",
            where=", ".join(path.name for path in files),
            cure="fetch both the customers' tweets and the answers to them",
        )
    tweets, more = _answered_in_order(tweets)
    notes += more
    heads = tweets[tweets["id"] == tweets["case_id"]].set_index("case_id")
    answers = tweets[~tweets["inbound"]].sort_values("time", kind="stable").drop_duplicates("case_id")
    answers = answers.set_index("case_id")
    kept, more = _kept(heads, answers["author"], source, options)
    notes += more
    unit = unit_of(source, case)
    tweets = tweets[tweets["case_id"].isin(kept)].assign(unit=unit, channel=channel, contacts=1.0)
    heads = heads.loc[kept]
    table = pd.DataFrame(
        {"opened": heads["time"], "closed": pd.Series(pd.NaT, index=heads.index, dtype=heads["time"].dtype),
         "channel": channel, "file": heads["file"], "row": heads["row"],
         "taken_in_charge": answers["time"].reindex(heads.index),
         "contacts": tweets[tweets["inbound"]].groupby("case_id").size()}
    )  # fmt: skip
    table = table.sort_values("opened", kind="stable").reset_index()
    begun = table.assign(unit=unit, date=_days(table["opened"]), cases=1.0)
    written = tweets[tweets["inbound"]]
    frame = pd.concat(
        [by_day(begun, ["cases"]), by_day(written.assign(date=_days(written["time"])), ["contacts"])],
        ignore_index=True,
    )
    return Reading(frame, zone, cases=table, notes=tuple(notes))


def _days(times: pd.Series) -> pd.Series:
    return times.dt.tz_localize(None).dt.normalize()


def _tweets(path: Path, options: Options, zone: str) -> tuple[pd.DataFrame, list[Note]]:
    """One row a tweet: id, parent, author, inbound, time, mentions (accounts of interest only), file, row."""
    sheet = read_sheet(path, options.encoding)
    times = moments(sheet.column("created_at"), sheet.lines, sheet.file, "created_at", options.date_format)
    local, notes = localised(times, zone, "first", sheet.file, "created_at")
    ours = {account.casefold() for account in options.accounts}
    frame = pd.DataFrame(
        {
            "id": _ids(sheet, "tweet_id", optional=False),
            "parent": _ids(sheet, "in_response_to_tweet_id", optional=True),
            "author": [cell.strip() for cell in sheet.column("author_id")], "inbound": _inbound(sheet), "time": local,
            "mentioned": [_first_of_ours(text, ours) for text in sheet.column("text")] if ours else "",
            "file": sheet.file, "row": list(sheet.lines),
        }
    ).astype({"id": "str", "parent": "str", "author": "str", "mentioned": "str", "file": "str"})  # fmt: skip
    return frame, [*sheet.notes, *notes]


def _first_of_ours(text: str, ours: set[str]) -> str:
    return next((name.casefold() for name in MENTION.findall(text) if name.casefold() in ours), "")


def _ids(sheet: Sheet, header: str, *, optional: bool) -> list[str]:
    ids = []
    for cell, line in zip(sheet.column(header), sheet.lines, strict=True):
        found = ID.fullmatch(cell.strip())
        if found is None and not (optional and not cell.strip()):
            raise SourceError(
                f'"{cell[:60]}" is not a tweet\'s id',
                where=f'{sheet.file}, row {line}, column "{header}"',
                cure="use the file as published: a spreadsheet rounds long ids",
            )
        ids.append(found.group(1) if found else "")
    return ids


def _inbound(sheet: Sheet) -> list[bool]:
    words = [cell.strip().casefold() for cell in sheet.column("inbound")]
    odd = next((index for index, word in enumerate(words) if word not in WORDS), None)
    if odd is not None:
        raise SourceError(
            f'"{words[odd][:60]}" is neither True nor False',
            where=f'{sheet.file}, row {sheet.lines[odd]}, column "inbound"',
            cure="use the file as published",
        )
    return [WORDS[word] for word in words]


def _once(tweets: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """A tweet given twice alike is kept once; two versions of one are refused."""
    again = tweets["id"].duplicated().to_numpy()
    if not again.any():
        return tweets, []
    differs = again & ~tweets.duplicated(["id", "parent", "author", "inbound", "time"]).to_numpy()
    if differs.any():
        second = int(differs.argmax())
        first = int((tweets["id"] == tweets["id"].iloc[second]).to_numpy().argmax())
        raise SourceError(
            f"the tweet {tweets['id'].iloc[second]} is given twice in two versions",
            where=f"{place(tweets, first)} and {place(tweets, second)}",
            cure="name one of the files only, or fetch them again",
        )
    counts = tweets[again].groupby("file", sort=True).size()
    notes = [Note(str(file), "tweet given twice", int(count), "the first was kept") for file, count in counts.items()]
    return tweets[~again].reset_index(drop=True), notes


def _answered_in_order(tweets: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Without tweets dated before the one that began their case: nothing can be timed by them."""
    begun = tweets.loc[tweets["id"] == tweets["case_id"]].set_index("case_id")["time"]
    early = (tweets["time"] < tweets["case_id"].map(begun)).to_numpy()
    if not early.any():
        return tweets, []
    first = place(tweets, int(early.argmax()))
    note = Note(first.split(", row ")[0], "tweet before its case began", int(early.sum()), f"first: {first}; left out")
    return tweets[~early].reset_index(drop=True), [note]


def _kept(
    heads: pd.DataFrame, answered_by: pd.Series, source: Source, options: Options
) -> tuple[pd.Index, list[Note]]:
    """The brand's cases. Raises SourceError where the case does not say which company is the brand."""
    accounts = sorted(answered_by.unique())
    where = f"sources, {source.id}, options, accounts: {', '.join(source.files)}"
    if not options.accounts:
        if len(accounts) > 1:
            shown = ", ".join(accounts[:SHOWN_ACCOUNTS])
            more = f" and {len(accounts) - SHOWN_ACCOUNTS} more" if len(accounts) > SHOWN_ACCOUNTS else ""
            raise SourceError(
                f"{len(accounts)} accounts answer: {shown}{more}",
                where=where,
                cure="name the brand's own under `accounts:` in the source's options",
            )
        return heads.index, []
    ours: Mapping[str, str] = {account.casefold(): account for account in options.accounts}
    for folded, account in ours.items():
        if folded not in {name.casefold() for name in accounts}:
            raise SourceError(f'no answer is by "{account}"', where=where, cure=nearest(account, accounts))
    owner = answered_by.str.casefold().reindex(heads.index).fillna(heads["mentioned"])
    mine = owner.isin(ours)
    others = int((~mine).sum())
    notes = [Note(heads["file"].iloc[0], "case of no account listed", others, "left out")] if others else []
    return heads.index[mine], notes
