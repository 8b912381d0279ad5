"""Detection: each format named by its content and by no other reader, what a file leaves open told and not guessed."""

import codecs
import csv
import gzip
import io
import re

import numpy as np
import pandas as pd
import pytest
from valid_exports import OTHER_KINDS, SOUND, Sound
from workbook_files import xlsx

from analysis import sources
from analysis.core.case import Source
from analysis.core.errors import SourceError
from analysis.pipeline.detect import Export, examine, read_as, report_of
from analysis.sources import available
from analysis.sources._detection import readers_that_recognise
from analysis.sources._recognising import TODO, sample_of


@pytest.fixture
def examined(tmp_path):
    def from_bytes(data: bytes | str, name: str = "a.csv") -> Export:
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return examine(tmp_path / name)

    return from_bytes


def doubts(export: Export) -> list[str]:
    return [str(doubt) for doubt in export.doubts]


# Known by what the file is, not by its columns: JSON lines or parquet, under a name that says so.
OTHER_CONTENT = {"large_log"}


def test_every_reader_recognises_and_has_a_sound_file():
    assert set(readers_that_recognise()) == set(sources.available())
    assert {sound.format for sound in SOUND} == set(sources.available()) - OTHER_CONTENT


@pytest.mark.parametrize("sound", [*SOUND, *OTHER_KINDS], ids=lambda sound: f"{sound.format}-{sound.name}")
def test_a_sound_file_is_named_and_read(examined, sound: Sound):
    found = examined(sound.data, "no-help-from-the-name")
    assert found.source is not None, report_of(found)
    assert found.source["format"] == sound.format
    assert found.problem is None, report_of(found)
    assert found.periods == (("", sound.first, sound.last),)
    assert sound.metrics <= set(found.reading.measurements["metric"])
    assert tuple(doubt.key for doubt in found.doubts) == sound.unsettled
    block = {"id": "a", "label": "a", "files": ["a"], "format": sound.format, "options": found.source["options"]}
    assert sources.options_of(Source.model_validate(block))


@pytest.mark.parametrize("sound", [*SOUND, *OTHER_KINDS], ids=lambda sound: f"{sound.format}-{sound.name}")
def test_no_other_reader_claims_it(tmp_path, sound: Sound):
    (tmp_path / sound.name).write_bytes(sound.data)
    sample = sample_of(tmp_path / sound.name)
    answers = {name: module.recognise(sample) for name, module in readers_that_recognise().items()}
    claims = {name for name, answer in answers.items() if answer and not answer.missing and not answer.general}
    if answers[sound.format].general:
        claims |= {name for name, answer in answers.items() if answer and not answer.missing}
    assert claims == {sound.format}


def test_a_packed_file_is_named_as_the_plain_one(examined):
    found = examined(gzip.compress(SOUND[3].data), "log.csv.gz")
    assert found.source["format"] == SOUND[3].format


def test_two_formats_that_fit_are_both_named(examined, tmp_path):
    plain = examined("Date,Views\n2024-01-01,5\n2024-01-13,6\n")
    assert "measurements_csv" in plain.problem.what
    assert "youtube_studio" in plain.problem.what


def test_no_format_says_what_is_there_and_what_is_near(examined):
    found = examined("Datum,Spalte\n2019-01-01,viele\n2019-01-02,3\n")
    assert 'Its first row: "Datum", "Spalte"' in found.problem.what
    assert "measurements_csv (once `metrics` are mapped)" not in found.problem.what
    near = examined("Tweets,impressions,retweets,replies,permalink clicks\nx,1,2,3,4\n")
    assert "twitter_analytics_daily (4 of its columns are there)" in near.problem.cure
    mapped = examined("day,north,south,remarks\n2019-01-13,3,4,x\n2019-01-14,3,4,y\n")
    assert "measurements_csv (once `metrics` are mapped)" in mapped.problem.cure


@pytest.mark.parametrize("code", ["page_code", "year", "zip"])
def test_a_number_that_counts_nothing_is_never_proposed_as_a_metric(examined, code):
    found = examined(f"date,{code},likes\n2019-05-13,5,3\n2019-05-14,5,3\n")
    assert "once `metrics` are mapped" in found.problem.cure


# Tables of a desk


DESKS = [
    ("Unique Key,Created Date,Closed Date,Open Data Channel Type", "04/18/2019 09:55:45 PM,04/19/2019 01:00:00 AM,WEB",
     {"id": "Unique Key", "opened": "Created Date", "closed": "Closed Date", "channel": "Open Data Channel Type"}),
    ("CaseID,Opened,Closed,Updated,Source", "07/21/2019 05:58:00 AM,07/21/2019 06:58:00 AM,07/22/2019 05:58:00 AM,Fax",
     {"id": "CaseID", "opened": "Opened", "closed": "Closed", "channel": "Source"}),
    ("Case Number,Date/Time Opened,Date/Time Closed,Case Origin", "3/14/2024 9:05 AM,3/15/2024 9:05 AM,Web",
     {"id": "Case Number", "opened": "Date/Time Opened", "closed": "Date/Time Closed", "channel": "Case Origin"}),
    ("Conversation ID,Conversation started at,First closed at,Channel", "2024-01-13 10:01:02,2024-01-13 10:05:02,Chat",
     {"id": "Conversation ID", "opened": "Conversation started at", "closed": "First closed at"}),
    ("ID,Data creazione,Data risoluzione,Canale", "13/02/2024 10:00,14/02/2024 10:00,E-mail",
     {"id": "ID", "opened": "Data creazione", "closed": "Data risoluzione", "channel": "Canale"}),
    ("Ticket-Nr,Erstellt am,Geschlossen am,Kanal", "13.02.2024 10:00,14.02.2024 10:00,E-Mail",
     {"id": "Ticket-Nr", "opened": "Erstellt am", "closed": "Geschlossen am", "channel": "Kanal"}),
    ("Call Id,Date,Time,Topic,Satisfaction", "30-Mar-21,9:05,Cards,4", {"id": "Call Id", "opened": "Date"}),
]  # fmt: skip


@pytest.mark.parametrize(("head", "row", "wanted"), DESKS, ids=[head[:12] for head, _, _ in DESKS])
def test_the_columns_of_a_desks_list_are_told_by_what_desks_call_them(examined, head, row, wanted):
    found = examined(f"{head}\nX-1,{row}\nX-2,{row}\n")
    assert found.source["format"] == "service_cases_csv", report_of(found)
    assert found.source["options"].items() >= wanted.items()
    assert len(found.reading.cases) == 2


def test_of_several_closings_and_channels_none_is_taken_in_silence(examined):
    found = examined("Ticket ID,Created time,Resolved time,Closed time,Source,Channel\n"
                     "1,2024-03-13 09:00:00,2024-03-13 10:00:00,2024-03-14 10:00:00,Email,a\n")  # fmt: skip
    assert "closed" not in found.source["options"]
    told = {doubt.key: doubt.choices for doubt in found.doubts}
    assert told["closed"] == ("Resolved time", "Closed time")
    assert told["channel"] == ("Source", "Channel")


def test_a_list_of_posts_is_no_list_of_cases(examined):
    found = examined("id,date,likes,comments\n7,2019-05-13,5,3\n8,2019-05-14,5,3\n")
    assert found.source is None
    assert {offer["format"] for offer in found.offers} >= {"measurements_csv", "service_cases_csv"}


def test_a_list_of_customers_is_no_list_of_cases(examined):
    found = examined("customer_id,created_at\n1,2024-03-13 09:00:00\n2,2024-03-14 09:00:00\n")
    assert found.source is None


def test_tickets_with_other_capitals_are_tickets(examined):
    sound = next(item for item in SOUND if item.format == "zendesk_tickets")
    found = examined(sound.data.replace(b'"Id"', b'"ID"').replace(b",Id,", b",ID,"))
    assert (found.source["format"], found.source["options"]["id"]) == ("zendesk_tickets", "ID")
    assert found.problem is None


def test_json_lines_and_parquet_are_read_as_a_log(examined):
    lines = ('{"id": 1, "created_at": "2024-01-03T10:01:02Z", "channel": "phone", "tags": ["a"]}\n'
             '{"id": 2, "created_at": "2024-01-04T10:01:02Z", "channel": null}\n')  # fmt: skip
    found = examined(lines.replace("null", '"app"'), "log.jsonl")
    assert found.source["options"] == {"time": "created_at", "channel": "channel", "date_format": "%Y-%m-%dT%H:%M:%S%z",
                                       "channel_map": {"phone": "phone", "app": "app"}}  # fmt: skip
    assert found.reading.measurements["value"].tolist() == [1, 1]
    content = io.BytesIO()
    pd.DataFrame({"at": pd.to_datetime(["2024-01-03 10:00", "2024-01-04 10:00"]), "n": [1, 2]}).to_parquet(content)
    packed = examined(content.getvalue(), "log.parquet")
    assert (packed.source["options"], packed.problem) == ({"time": "at"}, None)
    assert [doubt.key for doubt in packed.doubts] == ["channel", "time_zone"]
    array = examined("[" + lines.strip().replace("\n", ", ") + "]", "array.jsonl")
    assert "one JSON document" in array.problem.what
    assert "one object a line" in array.problem.cure


def test_a_table_that_nobody_claims_is_offered_as_what_it_may_be(examined):
    head = "case:concept:name,concept:name,time:timestamp,org:resource\n"
    found = examined(head + "7,ask,2024-01-03 10:00:00+01:00,x\n7,end,2024-01-03 11:00:00+01:00,y\n")
    assert found.source is None
    offered = {offer["format"]: offer["options"] for offer in found.offers}
    assert offered["event_log_csv"] == {
        "id": "case:concept:name", "event": "concept:name", "time": "time:timestamp",
        "event_map": {"ask": TODO, "end": TODO}, "date_format": "%Y-%m-%d %H:%M:%S%z",
    }  # fmt: skip
    bare = examined("a,b\nx,y\n")
    assert [offer["format"] for offer in bare.offers] == ["measurements_csv", "service_cases_csv", "event_log_csv"]
    assert "the block holds each" in bare.problem.cure
    assert not examined("\x00\x01").offers


def test_several_accounts_that_answer_are_named_and_none_chosen(examined):
    day = "Tue Oct 31 22:10:47 +0000 2017"
    found = examined("tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
                     f"1,115712,TRUE,{day},help,2,\n2,OneCare,FALSE,{day},yes,,1\n"
                     f"3,115713,TRUE,{day},help,4,\n4,TwoCare,FALSE,{day},yes,,3\n")  # fmt: skip
    assert found.source["options"] == {"accounts": TODO}
    assert doubts(found) == ["2 accounts answer, and nothing says which is the brand's: OneCare, TwoCare: "
                             "set `accounts:`"]  # fmt: skip
    assert "2 accounts answer" in found.problem.what
    saved = examined("tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
                     "1,11,True,2017-10-31 22:10:47,help,2,\n2,Care,False,2017-10-31 22:20:47,,,1.0\n")  # fmt: skip
    assert saved.source["options"] == {"date_format": "%Y-%m-%d %H:%M:%S"}
    assert [doubt.key for doubt in saved.doubts] == ["time_zone"]
    assert saved.problem is None


# Dates


def test_a_month_by_its_name_leaves_one_reading(examined):
    for first, second, told in (("30-Mar-21", "01-Apr-21", "%d-%b-%y"), ("3 March 2021", "4 May 2021", "%d %B %Y"),
                                ('"Mar 3, 2021"', '"Mar 4, 2021"', "%b %d, %Y")):  # fmt: skip
        found = examined(f"date,channel,likes\n{first},x,5\n{second},x,6\n")
        assert found.source["options"]["date_format"] == told
        assert found.problem is None


def test_fractions_of_a_second_may_be_left_away_where_they_are_zero(examined):
    times = "2011-10-01 00:38:44+02:00", "2011-10-01 00:38:44.546000+02:00"
    found = examined("case_id,opened,channel\n1,{},App\n2,{},App\n".format(*times))
    assert found.source["options"]["date_format"] == "%Y-%m-%d %H:%M:%S.%f%z"
    assert found.reading.cases["opened"].dt.microsecond.tolist() == [0, 546000]


def test_what_is_no_csv_says_how_it_becomes_one(examined):
    log = '<?xml version="1.0"?>\n<log xes.version="1.0"><trace></trace></log>\n'
    assert "XES is read once it is written as CSV, by event_log_csv" in examined(log, "log.xes").problem.cure
    book = examined(xlsx({"Tickets": [["Ticket", "Day"], ["a", "b"]]}), "book.xlsx")
    assert "save the sheet that is meant as CSV" in book.problem.cure


def test_a_row_of_the_wrong_width_does_not_make_dates_doubtful(examined):
    found = examined("date,channel,likes\n13/04/2019,x,5\n14/04/2019,x,6\nx,14/04/2019,x,6\n")
    assert not [doubt for doubt in doubts(found) if "mixes" in doubt]

def test_a_date_that_can_be_read_in_two_ways_is_told_with_both_periods(examined):
    found = examined("date,channel,likes\n03/04/2019,x,5\n05/04/2019,x,6\n")
    assert found.source["options"]["date_format"] == TODO
    assert doubts(found) == ['"03/04/2019" in the column "date" can be read in 2 ways, and no row settles which: '
                             "set `date_format:` to %d/%m/%Y or %m/%d/%Y"]  # fmt: skip
    assert found.periods == (
        ("date_format: %d/%m/%Y", "2019-04-03", "2019-04-05"), ("date_format: %m/%d/%Y", "2019-03-04", "2019-05-04"),
    )  # fmt: skip
    assert "2019-04-03 to 2019-04-05, with `date_format: %d/%m/%Y`" in report_of(found)


@pytest.mark.parametrize(("last", "proved"), [("13/04/2019", "%d/%m/%Y"), ("04/13/2019", "%m/%d/%Y")])
def test_one_day_above_twelve_settles_it(examined, last, proved):
    found = examined(f"date,channel,likes\n03/04/2019,x,5\n{last},x,6\n")
    assert found.source["options"]["date_format"] == proved
    assert not found.doubts


def test_one_column_of_dates_settles_another_that_is_read_with_the_same_format(examined):
    found = examined("id,opened,closed,source\nc1,03/04/2019 10:00,03/04/2019 11:00,App\n"
                     "c2,05/04/2019 10:00,13/04/2019 11:00,App\n")  # fmt: skip
    assert found.source["options"]["date_format"] == "%d/%m/%Y %H:%M"
    assert [doubt.key for doubt in found.doubts] == ["time_zone"]


def test_years_of_two_digits_may_stand_first(examined):
    found = examined("date,channel,likes\n19/03/04,x,5\n20/03/04,x,6\n")
    assert [doubt.choices for doubt in found.doubts] == [("%d/%m/%y", "%y/%m/%d")]
    assert found.periods[1] == ("date_format: %y/%m/%d", "2019-03-04", "2020-03-04")


def test_a_layouts_own_format_is_doubted_where_the_file_does_not_prove_it(examined):
    sound = next(item for item in SOUND if item.format == "meta_business_suite_content")
    found = examined(sound.data.replace(b"12/13/2023", b"12/11/2023"))
    assert any("%m/%d/%Y %H:%M, the format's own, is taken until the case says otherwise: set `date_format:`" in doubt
               for doubt in doubts(found))  # fmt: skip
    assert "date_format" not in found.source["options"]
    other = examined(sound.data.replace(b"12/13/2023", b"13/12/2023"))
    assert other.source["options"]["date_format"] == "%d/%m/%Y %H:%M"


def test_a_page_export_whose_dates_prove_nothing_is_not_read_by_chance(examined):
    page = "Date,Daily New Likes\n,Daily: likes\n3/4/2019,3\n3/5/2019,4\n"
    found = examined(page)
    assert found.source["options"]["date_format"] == TODO
    assert [period[0] for period in found.periods] == ["date_format: %d/%m/%Y", "date_format: %m/%d/%Y"]


def test_a_workbook_whose_dates_are_text_is_doubted_too(examined):
    rows = [["Date", "Total page views (total)", "Total unique visitors (total)"], ["04/01/2020", 5, 4],
            ["04/02/2020", 6, 5]]  # fmt: skip
    found = examined(xlsx({"Visitor metrics": rows}))
    assert found.source["options"]["date_format"] == TODO
    assert len(found.periods) == 2
    settled = examined(xlsx({"Visitor metrics": [*rows, ["04/13/2020", 7, 6]]}))
    assert "date_format" not in settled.source["options"]
    assert not settled.doubts


def test_mixed_ways_to_write_dates_are_told(examined):
    sound = next(item for item in SOUND if item.format == "zendesk_tickets")
    found = examined(sound.data.replace(b"2019-03-30 23:50", b"30/03/2019 23:50"))
    assert any("mixes ways to write a date" in doubt for doubt in doubts(found))
    assert found.problem is not None


def test_a_resaved_export_whose_dates_are_proved_is_read_with_their_format(examined):
    sound = next(item for item in SOUND if item.format == "twitter_analytics_daily")
    found = examined(re.sub(rb"2019-05-(\d\d)", rb"05/\1/2019", sound.data))
    assert found.source["options"] == {"date_format": "%m/%d/%Y"}
    assert found.periods == (("", sound.first, sound.last),)


# Numbers


@pytest.mark.parametrize(("cells", "mark"), [("1.234;2.500", "."), ("1,234;2,500", ",")])
def test_a_separator_that_may_be_either_is_told(examined, cells, mark):
    one, other = cells.split(";")
    found = examined(f"date;channel;likes\n2019-05-13;x;{one}\n2019-05-14;x;{other}\n")
    assert found.source["options"]["decimal"] == TODO
    assert any(f'"{one}" is 1234 if "{mark}" parts thousands and 1.234' in doubt for doubt in doubts(found))
    assert any("export the file again without separators, else: set `decimal:`" in doubt for doubt in doubts(found))
    assert found.periods == ((f'decimal: "{mark}"', "2019-05-13", "2019-05-14"),)


def test_one_decimal_settles_it_and_a_comma_is_set(examined):
    found = examined("date;channel;likes\n2019-05-13;x;1,234\n2019-05-14;x;2,5\n")
    assert found.source["options"]["decimal"] == ","
    assert found.reading.measurements["value"].tolist() == [1.234, 2.5]
    assert not found.doubts


def test_a_decimal_comma_elsewhere_says_what_a_point_is(examined):
    found = examined("date;channel;calls;minutes\n2019-05-13;x;1.200;3,5\n2019-05-14;x;300;2,0\n")
    assert found.source["options"]["decimal"] == ","
    [doubt] = doubts(found)
    assert 'separators between thousands ("," begins the decimals here)' in doubt


@pytest.mark.parametrize(("mark", "rows"), [
    (".", "2019-05-13;x;6.700;0.15\n2019-05-14;x;6.701;0.25\n"),
    (",", "2019-05-13;x;1,200;0,5\n2019-05-14;x;950;0,25\n"),
])  # fmt: skip
def test_other_columns_do_not_settle_one_of_three_digits_throughout(examined, mark, rows):
    found = examined(f"date;channel;sessions;rate\n{rows}")
    [doubt] = [item for item in found.doubts if item.key == "decimal"]
    assert doubt.choices == (f'"{mark}"',)
    assert 'in the column "sessions" is' in doubt.about
    assert "export the file again without separators" in doubt.about
    assert found.source["options"]["decimal"] == TODO
    assert found.periods == ((f'decimal: "{mark}"', "2019-05-13", "2019-05-14"),)


def test_a_column_with_another_count_of_decimals_is_settled(examined):
    found = examined("date;channel;hours;rate\n2019-05-13;x;6.700;0.15\n2019-05-14;x;0.500;0.25\n")
    assert not found.doubts
    assert found.reading.measurements["value"].tolist() == [6.7, 0.15, 0.5, 0.25]


def test_thousands_that_are_refused_say_so(examined):
    grouped = examined("date;channel;likes\n2019-05-13;x;1.234.567\n2019-05-14;x;2\n")
    assert any("separators between thousands" in doubt for doubt in doubts(grouped))


NUMERIC = re.compile(r"[0-9]{1,7}([.][0-9]+)?|[0-9]{9}")


def with_numbers(sound: Sound, cell: str) -> bytes:
    """The sound file with every number written as ``cell``."""
    utf16 = sound.data.startswith(codecs.BOM_UTF16_LE)
    encoding = "utf-16" if utf16 else "cp1252" if b"\xf1" in sound.data else "utf-8"
    text = sound.data.decode(encoding)
    mark = ";" if text.count(";") > text.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    changed = [[cell if NUMERIC.fullmatch(item) else item for item in row] for row in rows]
    stream = io.StringIO()
    csv.writer(stream, delimiter=mark, lineterminator="\n").writerows(changed)
    return stream.getvalue().encode(encoding)


TABLES = [item for item in SOUND if item.name.endswith(".csv") and "decimal" in
          available()[item.format].Options.model_fields and item.format not in
          ("meta_business_suite_charts", "google_trends", "zendesk_tickets")]  # fmt: skip


@pytest.mark.parametrize("cell", ["1.101", "1,101"])
@pytest.mark.parametrize("sound", TABLES, ids=lambda sound: sound.format)
def test_in_every_layout_the_key_proposed_settles_the_mark(examined, sound: Sound, cell: str):
    found = examined(with_numbers(sound, cell))
    assert found.source["format"] == sound.format
    [doubt] = [item for item in found.doubts if item.key == "decimal"]
    assert doubt.choices == (f'"{cell[1]}"',)
    assert found.source["options"]["decimal"] == TODO
    settled = {**found.source, "options": {**found.source["options"], "decimal": cell[1]}}
    ways = {item.key: item.choices[0] for item in found.doubts if settled["options"].get(item.key) == TODO}
    if sound.format != "prices_yahoo":  # prices have fractions, the counts of a case have none
        with pytest.raises(SourceError, match="counts whole things"):
            read_as((found.path,), settled, ways)
    reading = read_as((found.path,), settled, ways | {"decimal": cell[1]})
    assert np.isclose(np.modf(reading.measurements["value"] / 1.101)[0] % 1, 0).any()


@pytest.mark.parametrize("sound", [*SOUND, *OTHER_KINDS], ids=lambda sound: f"{sound.format}-{sound.name}")
def test_every_doubt_names_a_key_that_is_there(examined, sound: Sound):
    found = examined(sound.data, sound.name)
    known = {*available()[sound.format].Options.model_fields, "time_zone", "channel", "unit", "period"}
    for doubt in found.doubts:
        assert doubt.key in known, doubt


# Time zones, encodings, channels


def test_times_without_a_zone_and_with_several_are_told(examined):
    rows = "id,opened,source\nc1,2019-03-30 11:50:00{},Call\nc2,2019-03-31 12:00:00{},App\n"
    assert any("carry no time zone: set `time_zone:`" in doubt for doubt in doubts(examined(rows.format("", ""))))
    mixed = examined(rows.format("+01:00", ""))
    assert any("a time zone in 1 rows and none in 1: set `time_zone:`" in doubt for doubt in doubts(mixed))
    several = examined(rows.format("+01:00", "+09:00"))
    assert any("are in several zones (+01:00, +09:00)" in doubt for doubt in doubts(several))
    assert several.problem is None
    assert not doubts(examined(rows.format("+01:00", "+01:00")))


def test_an_encoding_that_is_not_the_readers_own_is_set_and_a_single_byte_one_doubted(examined):
    text = "date,channel,quantità\n2019-05-13,x,1\n2019-05-14,x,2\n"
    single = examined(text.encode("cp1252"))
    assert single.source["options"]["encoding"] == "cp1252"
    assert [doubt.key for doubt in single.doubts] == ["encoding"]
    wide = examined(text.encode("utf-16"))
    assert wide.source["options"]["encoding"] == "utf-16"
    assert wide.problem is None
    assert "encoding" not in examined(text).source["options"]


def test_what_only_the_author_knows_is_marked_and_not_made_up(examined):
    found = examined("date,likes\n2019-05-13,1\n2019-05-14,2\n")
    assert found.source["channel"] == TODO
    assert [doubt.key for doubt in found.doubts] == ["channel"]
    price = examined("Date,Open,High,Low,Close,Adj Close,Volume\n2020-02-13,1,1,1,1,1,5\n")
    assert [doubt.key for doubt in price.doubts] == ["ticker"]


def test_a_reading_error_is_shown_with_its_cure(examined):
    cut = next(item for item in SOUND if item.format == "x_overview").data[:-30]
    found = examined(cut)
    assert found.source["format"] == "x_overview"
    assert "cannot be read yet: the file is cut short" in report_of(found)
    assert "what to do: export it again" in report_of(found)


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_first_line_that_names_the_delimiter_is_passed_over(examined, mark, encoding):
    text = f"sep={mark}\r\nday;visits\r\n2019-01-01;3\r\n2019-01-02;4\r\n".replace(";", mark)
    found = examined(text.encode(encoding))
    assert found.source["format"] == "measurements_csv", report_of(found)
    assert found.source["options"]["delimiter"] == mark
    assert found.reading.measurements["row"].tolist() == [3, 4]
    wrong = {**found.source, "options": {**found.source["options"], "delimiter": ","}}
    with pytest.raises(SourceError, match="says itself that its delimiter"):
        read_as((found.path,), wrong | {"channel": "site"})


@pytest.mark.parametrize(
    ("content", "told", "row"),
    [
        ("day,n\n2019-01-01,3\n2019-01-02," + "x" * 5_100_000 + "\n", "a line of more than 5,000,000 characters", 3),
        ("day," + "x" * 1_000_100 + "\n2019-01-01,3\n", "a cell of more than 1,000,000 characters", 1),
        ("day,text\n2019-01-01,3\n2019-01-02,a\0b\n", r"control character in it, U\+0000", 3),
        ("day,text\n2019-01-01,3\n2019-01-02,a\vb\n", r"control character in it, U\+000B", 3),
    ],
    ids=["line", "cell", "nul", "tab"],
)
def test_what_keeps_a_text_from_being_looked_at_is_told_with_its_row(examined, content, told, row):
    problem = examined(content).problem
    assert re.search(told, problem.what)
    assert problem.where == f"a.csv, row {row}"


def test_a_header_without_end_is_not_told_whole(examined):
    found = examined("day," + "x" * 900_000 + "\n2019-01-01,3\n")
    options = {"date": "when", "metrics": {"n": "visits"}}
    with pytest.raises(SourceError, match="no column") as caught:
        read_as((found.path,), {"format": "measurements_csv", "channel": "site", "options": options})
    assert len(str(caught.value)) < 1_000
