"""Artefacts of made-up studies, written where the pipeline writes them. Every number here is test data."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.core import artefacts
from analysis.core.case import Case
from analysis.core.paths import Layout
from analysis.core.store import Store
from analysis.pipeline.claims import claims_table

WEEKS = pd.date_range("2017-06-05", "2020-02-17", freq="7D")
LEVEL = 0.95
SOURCES = [{"id": "test", "format": "measurements_csv", "files": ["made-up.csv"], "label": "Made-up weekly table"}]
WINDOWS = {"first": "2017-06-05", "pre_last": "2019-04-29", "event": "2019-06-03", "last": "2020-02-23"}
STAGES = [
    {
        "id": "ads",
        "date": "2018-03-31",
        "kind": "advertising_suspended",
        "label": "Advertising stopped",
        "source": "press",
    },
    {"id": "told", "date": "2019-05-04", "kind": "announced", "label": "Exit announced", "source": "press"},
    {"id": "left", "date": "2019-06-01", "kind": "channels_closed", "label": "Channels closed", "source": "press"},
]
CHANNELS = [
    {"id": "facebook", "label": "Facebook page", "role": "exited", "closed": "2019-06-01"},
    {"id": "messenger", "label": "Messenger", "role": "exited", "closed": "2019-06-01"},
    {"id": "instagram", "label": "Instagram", "role": "exited", "closed": "2019-06-01"},
    {"id": "twitter", "label": "Twitter", "role": "retained"},
    {"id": "linkedin", "label": "LinkedIn", "role": "retained"},
    {"id": "phone", "label": "Phone", "role": "owned"},
    {"id": "chat", "label": "Chat on the website", "role": "owned"},
    {"id": "email", "label": "E-mail", "role": "owned"},
    {"id": "branch", "label": "Branch", "role": "owned"},
]


def outcome(name: str, label: str, question: str, **more: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "label": label,
        "question": question,
        "role": "primary",
        "metric": "engagements",
        "unit": "engagements",
        "estimand": "average weekly difference from what was expected without the exit",
        "estimator": "interrupted_time_series",
        "smallest_effect": 0.1,
    }
    return base | more


ENGAGEMENT = [
    outcome(
        "engagement_total",
        "Engagement over all channels",
        "engagement",
        donors="competitors",
        scale="log",
        channels=["facebook", "instagram", "twitter", "linkedin"],
        estimator="synthetic_difference_in_differences",
    ),
    outcome(
        "engagement_retained",
        "Engagement on Twitter and LinkedIn",
        "engagement",
        role="secondary",
        channels=["twitter", "linkedin"],
        donors="competitors",
        estimator="synthetic_control",
    ),
    outcome(
        "engagement_bound", "Engagement of a page nobody kept", "engagement", role="secondary", channels=["twitter"]
    ),
]
SERVICE = [
    outcome(
        "contacts_total",
        "Contacts over all channels",
        "service",
        metric="contacts",
        unit="contacts",
        estimator="structural_time_series",
        covariates=["active_customers"],
        smallest_effect=0.05,
    ),
    outcome(
        "contacts_phone",
        "Contacts by phone",
        "service",
        metric="contacts",
        unit="contacts",
        role="secondary",
        channels=["phone"],
        estimator="count_time_series",
    ),
]
MARKET = [
    outcome(
        "share_price",
        "Share price",
        "reputation",
        metric="adjusted_close",
        unit="log return",
        treated="UCG.MI",
        covariates=["market"],
        estimator="market_event_study",
        scale="log_return",
        smallest_effect=0.02,
    ),
]
EVENTS = [
    {
        "id": "outage",
        "label": "Facebook out of service for half a day",
        "first": "2019-03-13",
        "last": "2019-03-14",
        "channels": ["facebook", "messenger"],
        "source": "press",
        "adjust": True,
    },
    {"id": "results", "label": "First-quarter results published", "first": "2019-05-09", "last": "2019-05-09"},
]
CLAIMS = [
    {
        "quote": "Traffic fell by one percentage point",
        "by": "A broadcaster",
        "window": "six months after leaving",
        "comparator": "its own traffic before",
        "says": "the broadcaster itself",
        "source": "trade press, October 2023",
    },
]


def case(**changes: Any) -> dict[str, Any]:
    base = {
        "slug": "unicredit",
        "title": "UniCredit leaves Facebook, Messenger and Instagram",
        "brand": "UniCredit",
        "summary": "The bank announced on 4 May 2019 that it would leave three platforms and left on 1 June 2019.",
        "data_status": "simulated",
        "time_zone": "Europe/Rome",
        "stages": STAGES,
        "windows": WINDOWS,
        "channels": CHANNELS,
        "competitors": [f"Peer bank {number:02d}" for number in range(1, 21)],
        "sources": SOURCES,
        "outcomes": [*ENGAGEMENT, *SERVICE, *MARKET],
        "events": EVENTS,
        "claims": CLAIMS,
        "diversion": {"exited": ["messenger"], "receiving": ["phone", "chat", "email", "branch", "twitter"]},
        "limits": ["The weekly numbers are simulated: they show the method, not what happened at the bank."],
    }
    return Case.model_validate(base | changes).model_dump(mode="json")


def effect(item: dict[str, Any], relative: tuple[float, float, float] | None, **more: Any) -> dict[str, Any]:
    expected = 12000.0
    low, point, high = relative or (None, None, None)
    log = item.get("scale") == "log"
    model = [None if share is None else np.log1p(share) if log else share * expected for share in (low, point, high)]
    record = {
        "outcome": item["id"],
        "label": item["label"],
        "question": item["question"],
        "role": item["role"],
        "unit": item["unit"],
        "smallest_effect": item["smallest_effect"],
        "estimator": item["estimator"],
        "estimator_label": item["estimator"].replace("_", " ").capitalize(),
        "estimand": item["estimand"],
        "scale": item.get("scale", "level"),
        "point": model[1],
        "interval": None if point is None else {"lower": model[0], "upper": model[2], "level": LEVEL},
        "p_value": 0.02,
        "inference": "placebo in space",
        "standard_error": None if point is None else (model[2] - model[0]) / 3.92,
        "relative": point,
        "relative_interval": None if point is None else {"lower": low, "upper": high, "level": LEVEL},
        "cumulative": None if point is None else point * expected * 38,
        "cumulative_interval": None
        if point is None
        else {"lower": low * expected * 38, "upper": high * expected * 38, "level": LEVEL},
        "observed_mean": None if point is None else expected * (1 + point),
        "expected_mean": expected,
        "n_pre": 100,
        "n_post": 38,
        "first_post": "2019-06-03",
        "last_post": "2020-02-17",
        "assumptions": [
            "Peers were not moved by the exit.",
            "Without the exit the brand would have kept moving with its peers.",
        ],
        "diagnostics": {"pre_fit_rmse": 0.041, "donors": 20, "weights": {"Peer bank 01": 0.61}},
    }
    return record | more


def path(relative: float, seed: int, level: float = 12000.0) -> pd.DataFrame:
    noise = np.random.default_rng(seed)
    time = np.arange(len(WEEKS))
    expected = level * (1 + 0.08 * np.sin(2 * np.pi * time / 52.2) - 0.0008 * time)
    pre, post = pd.Timestamp("2019-04-29") >= WEEKS, pd.Timestamp("2019-06-03") <= WEEKS
    observed = expected * (1 + noise.normal(0, 0.035, len(time))) * np.where(post, 1 + relative, 1)
    band = np.where(post, 0.07, np.nan) * expected
    return pd.DataFrame(
        {
            "time": WEEKS.strftime("%Y-%m-%d"),
            "period": np.select([pre, post], ["pre", "post"], "donut"),
            "observed": observed,
            "expected": expected,
            "lower": expected - band,
            "upper": expected + band,
            "joint_lower": expected - 1.5 * band,
            "joint_upper": expected + 1.5 * band,
        }
    )


def market_path() -> pd.DataFrame:
    days = pd.bdate_range("2018-05-07", "2019-05-06")
    noise = np.random.default_rng(7)
    expected = noise.normal(0, 0.009, len(days))
    observed = expected + noise.normal(0, 0.0128, len(days))
    observed[-1] = expected[-1] - 0.0089
    period = ["pre"] * (len(days) - 1) + ["post"]
    lower, upper = np.full(len(days), np.nan), np.full(len(days), np.nan)
    lower[-1], upper[-1] = expected[-1] - 0.0254, expected[-1] + 0.0254
    return pd.DataFrame(
        {
            "time": days.strftime("%Y-%m-%d"),
            "period": period,
            "observed": observed,
            "expected": expected,
            "lower": lower,
            "upper": upper,
        }
    )


def check(name: str, status: str, sentence: str, recommendation: str = "") -> dict[str, Any]:
    return {
        "check": name,
        "label": name.replace("_", " ").capitalize(),
        "status": status,
        "sentence": sentence,
        "recommendation": recommendation,
        "statistic": 1.2,
        "threshold": 2.0,
        "table": [],
    }


CHECKS = [
    check("pre_period_fit", "PASS", "Before the announcement the expected line misses by 4.1 % on average."),
    check(
        "placebo_in_time", "PASS", "Moved to 12 dates when nothing happened, the method finds effects of 2 % at most."
    ),
    check(
        "leave_one_donor_out",
        "REVIEW",
        "Without Peer bank 07 the effect is 5 points smaller.",
        "Look at Peer bank 07's own news.",
    ),
    check(
        "autocorrelation",
        "FAIL",
        "What is left over is correlated from week to week (0.41).",
        "Read the interval as too short.",
    ),
    check("null_calibration", "NOT_RUN", "Fewer than 20 peers are complete.", "Add peers or years."),
]


def diversion_table() -> pd.DataFrame:
    rows = [
        ("exited", "exited", "Exited channels", "exited", 2840.0, 0.0, -2840.0, -3190.0, -2510.0, 1.0, 1.0, 1.0),
        ("receiving", "phone", "Phone", "owned", 24100.0, 25090.0, 990.0, 520.0, 1460.0, 0.349, 0.181, 0.52),
        ("receiving", "chat", "Chat on the website", "owned", 6100.0, 6600.0, 500.0, 310.0, 700.0, 0.176, 0.108, 0.249),
        ("receiving", "email", "E-mail", "owned", 9800.0, 10190.0, 390.0, 40.0, 730.0, 0.137, 0.013, 0.262),
        ("receiving", "branch", "Branch", "owned", 4100.0, 4110.0, 10.0, -140.0, 170.0, 0.004, -0.05, 0.06),
        ("receiving", "twitter", "Twitter", "retained", 620.0, 690.0, 70.0, 20.0, 120.0, 0.025, 0.007, 0.043),
        ("recaptured", "recaptured", "Recaptured", "", None, None, 1960.0, 1310.0, 2620.0, 0.691, 0.458, 0.93),
        ("lost", "lost", "Lost", "lost", None, None, 880.0, 200.0, 1540.0, 0.309, 0.07, 0.542),
    ]
    names = [
        "part",
        "channel",
        "label",
        "role",
        "expected",
        "observed",
        "moved",
        "moved_lower",
        "moved_upper",
        "ratio",
        "ratio_lower",
        "ratio_upper",
    ]
    return pd.DataFrame(rows, columns=names)


def volumes_table() -> pd.DataFrame:
    noise = np.random.default_rng(3)
    levels = {"messenger": 2800, "phone": 24000, "chat": 6100, "email": 9800, "branch": 4100, "twitter": 620}
    parts = []
    for name, level in levels.items():
        channel = next(item for item in CHANNELS if item["id"] == name)
        after = pd.Timestamp("2019-06-03") <= WEEKS
        factor = np.where(after, 0.0 if channel["role"] == "exited" else 1.05, 1.0)
        contacts = np.round(level * factor * (1 + noise.normal(0, 0.05, len(WEEKS))))
        parts.append(
            pd.DataFrame(
                {
                    "week": WEEKS.strftime("%Y-%m-%d"),
                    "channel": name,
                    "label": channel["label"],
                    "role": channel["role"],
                    "contacts": contacts,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def tables() -> dict[str, pd.DataFrame]:
    noise = np.random.default_rng(5)
    peers = [f"Peer bank {number:02d}" for number in range(1, 21)]
    placebo = pd.DataFrame(
        {
            "outcome": "engagement_total",
            "unit": ["UniCredit", *peers],
            "statistic": [9.1, *noise.uniform(0.5, 3, 20)],
            "effect": [np.log(1 - 0.612), *noise.normal(0, 0.07, 20)],
            "role": ["treated"] + ["donor"] * 20,
        }
    )
    return {
        "diversion": diversion_table(),
        "volumes": volumes_table(),
        "placebo_space": placebo,
        "data_quality": pd.DataFrame(
            [["test", "made-up.csv", "gap", 3, "weeks without rows are missing, not zero"]],
            columns=["source", "file", "finding", "count", "detail"],
        ),
        "sources": pd.DataFrame(
            [
                [
                    "test",
                    "Made-up weekly table",
                    "measurements_csv",
                    "made-up.csv",
                    "ab" * 32,
                    8421,
                    "2017-06-05",
                    "2020-02-17",
                ]
            ],
            columns=["source", "label", "format", "file", "sha256", "rows", "first", "last"],
        ),
        "donors": pd.DataFrame(
            [["engagement_total", name, True, ""] for name in peers[:-1]]
            + [["engagement_total", peers[-1], False, "left another platform"]],
            columns=["outcome", "unit", "kept", "reason"],
        ),
        "weights": pd.DataFrame(
            [["engagement_total", peers[0], 0.61], ["engagement_total", peers[1], 0.39]],
            columns=["outcome", "unit", "weight"],
        ),
        "truth": pd.DataFrame(
            [
                ["engagement_total", "Engagement over all channels", -0.6, -0.612, -0.7, -0.52, True],
                ["contacts_total", "Contacts over all channels", -0.02, -0.019, -0.06, 0.022, True],
            ],
            columns=["outcome", "label", "truth", "point", "lower", "upper", "inside"],
        ),
    }


def refusal(item: dict[str, Any]) -> dict[str, Any]:
    kept = {key: item[key] for key in ("label", "question", "role", "unit", "smallest_effect")}
    return kept | {
        "outcome": item["id"],
        "refused": {
            "what": "the outcome is zero after the exit by construction",
            "where": f"outcome {item['id']}",
            "cure": "estimate the total over all channels instead",
        },
    }


def market_effect(item: dict[str, Any]) -> dict[str, Any]:
    return effect(
        item,
        None,
        scale="level",
        point=-0.0089,
        interval={"lower": -0.0343, "upper": 0.0165, "level": LEVEL},
        p_value=0.49,
        standard_error=0.0129,
        inference="market model, forecast error of one day",
        observed_mean=-0.0205,
        expected_mean=-0.0116,
        n_pre=250,
        n_post=1,
        first_post="2019-05-06",
        last_post="2019-05-06",
        diagnostics={"residual_sd": 0.0128, "standardised_uncorrected": -0.695, "beta": 1.31},
    )


def write(root: Path, contents: dict[str, Any], effects: list[dict], paths: dict, checks: dict, frames: dict) -> Store:
    layout = Layout.under(root, contents["slug"])
    artefacts.write_json(layout.case, contents)
    for record in effects:
        artefacts.write_json(layout.estimates / f"{record['outcome']}.json", record)
    for name, frame in paths.items():
        artefacts.write_csv(layout.paths / f"{name}.csv", frame)
    for name, records in checks.items():
        artefacts.write_json(layout.checks / f"{name}.json", records)
    for name, frame in (frames | {"claims": claims_table(contents)}).items():
        artefacts.write_csv(layout.tables / f"{name}.csv", frame)
    return Store(layout)


ENGAGEMENT_EFFECTS = [
    effect(ENGAGEMENT[0], (-0.7, -0.612, -0.52)),
    effect(ENGAGEMENT[1], (-0.03, 0.06, 0.16)),
    refusal(ENGAGEMENT[2]),
]
ENGAGEMENT_PATHS = {"engagement_total": path(-0.612, 1), "engagement_retained": path(0.06, 2, 3000)}
SERVICE_EFFECTS = [effect(SERVICE[0], (-0.06, -0.019, 0.022)), effect(SERVICE[1], (0.01, 0.041, 0.075))]
SERVICE_PATHS = {"contacts_total": path(-0.019, 3, 48000), "contacts_phone": path(0.041, 4, 24000)}
ENGAGEMENT_TABLES = ("placebo_space", "data_quality", "sources", "donors", "weights")


def unicredit(root: Path, **changes: Any) -> Store:
    """Everything a case can hold; simulated."""
    effects = [*ENGAGEMENT_EFFECTS, *SERVICE_EFFECTS, market_effect(MARKET[0])]
    paths = ENGAGEMENT_PATHS | SERVICE_PATHS | {"share_price": market_path()}
    checks = {"engagement_total": CHECKS[:3], "contacts_total": CHECKS, "share_price": CHECKS[:1]}
    return write(root, case(**changes), effects, paths, checks, tables())


def market_only(root: Path) -> Store:
    windows = {"first": "2018-05-07", "pre_last": "2019-04-18", "event": "2019-05-06", "last": "2019-05-06"}
    contents = case(
        slug="unicredit-shares",
        title="UniCredit's share price when the exit was announced",
        data_status="real",
        outcomes=MARKET,
        channels=[],
        stages=[{key: item[key] for key in ("id", "date", "kind", "label")} for item in STAGES],
        windows=windows,
        diversion=None,
        events=EVENTS[1:],
        claims=[],
        limits=["One firm, one day."],
        frequency="trading_day",
        competitors=[],
    )
    return write(
        root, contents, [market_effect(MARKET[0])], {"share_price": market_path()}, {"share_price": CHECKS[:2]}, {}
    )


def service_only(root: Path) -> Store:
    contents = case(
        slug="city-line", title="A city opens a service number", data_status="real", outcomes=SERVICE, claims=[]
    )
    return write(
        root,
        contents,
        SERVICE_EFFECTS,
        SERVICE_PATHS,
        {"contacts_total": CHECKS[:2]},
        {name: tables()[name] for name in ("volumes", "sources")},
    )


def engagement_only(root: Path) -> Store:
    contents = case(
        slug="pages", title="A page stops posting", data_status="mixed", outcomes=ENGAGEMENT, diversion=None
    )
    return write(
        root,
        contents,
        ENGAGEMENT_EFFECTS,
        ENGAGEMENT_PATHS,
        {"engagement_total": CHECKS[:3]},
        {name: tables()[name] for name in ENGAGEMENT_TABLES},
    )


WORLDS = {
    "unicredit": unicredit,
    "market_only": market_only,
    "service_only": service_only,
    "engagement_only": engagement_only,
}
PROVENANCE = {
    "command": "exit-study run unicredit",
    "case_sha256": "0f" * 32,
    "code_sha256": "1e" * 32,
    "lock_sha256": "2d" * 32,
    "versions": {"python": "3.11.9", "pandas": "3.1.1"},
    "notebooks": [
        {"href": "notebooks/01_prepare.html", "title": "Prepare"},
        {"href": "notebooks/03_engagement.html", "title": "Engagement"},
    ],
}
