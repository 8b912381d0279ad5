"""Every number the hypothetical exit of 3 Italia is made from, each with the public source it has.

Little is public but the organisation of the care; levels and effects are orders of magnitude, not fitted to anything.
"""

from datetime import date

from analysis.simulate.care_desk import CareDesk
from analysis.simulate.exit_parameters import ExitCalendar, ExitContacts, ExitEngagement, ExitWorld
from analysis.simulate.parameters import by_name

INTERVIEW = "Mondo3, interview of March 2013"
CORCOM = "CorCom, 25 Apr 2012"
HYPOTHETICAL = "hypothetical: it did not happen"

CALENDAR = ExitCalendar(
    seed=20130408,
    country="IT",
    first=date(2011, 9, 5),
    last=date(2013, 8, 25),
    announced=date(2013, 3, 25),
    closed=date(2013, 4, 8),
    returned=None,
    sources={"announced": HYPOTHETICAL, "closed": HYPOTHETICAL},
)

ENGAGEMENT = ExitEngagement(
    level=by_name(
        twitter=900.0, facebook=2600.0, google_plus=140.0, linkedin=60.0, pinterest=30.0, foursquare=40.0, youtube=420.0
    ),
    exited=("facebook",),
    spillover=by_name(
        twitter=0.12, google_plus=0.20, linkedin=0.0, pinterest=0.0, foursquare=0.0, youtube=0.03
    ),
    regained=by_name(),
    spillover_kept=by_name(),
    trend=by_name(
        twitter=0.20, facebook=0.15, google_plus=0.25, linkedin=0.10, pinterest=0.20, foursquare=-0.05, youtube=0.15
    ),
    factor=((0.98, 0.10), (0.99, 0.12)),
    loading=by_name(
        twitter=(1.0, 0.0), facebook=(1.0, 1.0), google_plus=(0.8, 0.0), linkedin=(0.5, 0.0), pinterest=(0.6, 0.4),
        foursquare=(0.5, 0.3), youtube=(0.8, 0.3),
    ),
    yearly=by_name(
        twitter=(0.06, 0.03, -0.03, 0.02), facebook=(0.06, 0.04, -0.02, 0.01), google_plus=(0.04, 0.02, 0.0, 0.0),
        linkedin=(0.08, 0.04, -0.04, 0.02), pinterest=(0.03, 0.02, 0.0, 0.0), foursquare=(-0.05, 0.02, 0.0, 0.0),
        youtube=(0.08, 0.02, -0.02, 0.01),
    ),
    weekday=by_name(
        twitter=(0.08, 0.08, 0.06, 0.05, 0.03, -0.14, -0.16), facebook=(0.03, 0.03, 0.03, 0.03, 0.0, -0.06, -0.06),
        google_plus=(0.05, 0.05, 0.05, 0.05, 0.0, -0.10, -0.10), linkedin=(0.2, 0.25, 0.25, 0.2, 0.05, -0.5, -0.6),
        pinterest=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), foursquare=(-0.05, -0.05, 0.0, 0.0, 0.05, 0.1, -0.05),
        youtube=(0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.02),
    ),
    holiday=by_name(
        twitter=-0.20, facebook=-0.08, google_plus=-0.15, linkedin=-0.6, pinterest=0.0, foursquare=0.05, youtube=0.0
    ),
    buzz=by_name(
        twitter=0.70, facebook=0.90, google_plus=0.30, linkedin=0.10, pinterest=0.0, foursquare=0.0, youtube=0.05
    ),
    buzz_days=(4.0, 14),
    shocks=by_name(),
    noise=(0.45, 0.16),
    dispersion=0.02,
    peer_word="Peer operator",
    peers=20,
    peer_spread=(0.5, 0.3),
    loading_spread=0.25,
    season_spread=0.2,
    peer_noise=(0.4, 0.10),
    peer_dispersion=0.004,
    sources={
        "level": f"channels: {INTERVIEW}; sizes: assumption",
        "exited": HYPOTHETICAL,
        "spillover": "assumption, care-heavy channels most (care first, engagement second: Mondo3, March 2013)",
    },
)

CONTACTS = ExitContacts(
    level=by_name(
        facebook=420.0, twitter=260.0, google_plus=30.0, phone=1500.0, email=350.0, web=500.0, shop=320.0
    ),
    exited=("facebook",),
    diversion=by_name(twitter=0.22, google_plus=0.03, phone=0.07, email=0.10, web=0.17, shop=0.04),
    regained=0.0,
    diversion_kept=by_name(),
    demand_trend=0.03,
    demand_slow=(0.995, 0.07),
    demand_fast=(0.5, 0.04),
    demand_yearly=(0.06, 0.03, -0.03, 0.02),
    loading=by_name(
        facebook=1.0, twitter=1.0, google_plus=0.8, phone=1.0, email=0.9, web=1.1, shop=0.7
    ),
    trend=by_name(facebook=0.08, twitter=0.08, google_plus=0.05, phone=-0.03, email=-0.02, web=0.05, shop=-0.02),
    hours=by_name(
        facebook="social", twitter="social", google_plus="social", phone="desk", email="desk", web="social", shop="shop"
    ),
    weekday=by_name(
        social=(0.06, 0.06, 0.04, 0.04, 0.02, -0.08, -0.14), desk=(0.20, 0.15, 0.10, 0.10, 0.10, -0.25, -0.40),
        shop=(-0.10, -0.10, -0.05, 0.0, 0.15, 0.40, -0.30),
    ),
    holiday=by_name(social=-0.10, desk=-0.40, shop=-1.2),
    shocks=by_name(fault=(date(2012, 9, 17), 0.35, 5.0, 14)),
    shock_loading=by_name(
        fault=by_name(facebook=1.2, twitter=1.4, google_plus=1.0, phone=1.0, email=0.6, web=0.9, shop=0.5)
    ),
    own_drift=(0.98, 0.03),
    noise=(0.4, 0.06),
    dispersion=0.01,
    logins=180_000.0,
    logins_weekday=(0.05, 0.04, 0.03, 0.02, 0.0, -0.06, -0.08),
    logins_noise=(0.4, 0.03),
    logins_dispersion=0.0005,
    sources={
        "level": f"care on Twitter, Facebook and Google+: {INTERVIEW}; sizes: assumption",
        "exited": HYPOTHETICAL,
        "diversion": f"assumption; little to the phone because the call costs the customer money ({CORCOM})",
        "weekday": f"social care seven days a week: {INTERVIEW}; sizes: assumption",
        "shocks": "assumption: an invented network fault",
    },
)

WORLD = ExitWorld("tre-italia", CALENDAR, ENGAGEMENT, CONTACTS)

DESK = CareDesk(
    seed=20130408,
    zone="Europe/Rome",
    first=date(2011, 9, 5),
    last=date(2013, 8, 25),
    exit=date(2013, 4, 8),
    before=(date(2011, 9, 5), date(2013, 3, 24)),
    after=(date(2013, 4, 8), date(2013, 8, 25)),
    roles=by_name(facebook="exited", twitter="retained", google_plus="retained", email="owned", web="owned"),
    sample=by_name(facebook=0.0075, twitter=0.0095, google_plus=0.065, email=0.0070, web=0.0055),
    hours=by_name(facebook="social", twitter="social", google_plus="social", email="desk", web="social"),
    public_share=by_name(facebook=0.70, twitter=0.85, google_plus=0.80, email=0.0, web=0.0),
    response_median=by_name(facebook=40.0, twitter=30.0, google_plus=45.0, email=420.0, web=180.0),
    response_ratio=by_name(facebook=1.0, twitter=1.30, google_plus=1.15, email=1.05, web=1.15),
    response_deviation=1.0,
    customer_deviation=0.25,
    weekend_ratio=(1.10, 1.50),
    night_ratio=4.0,
    week_shock=(0.4, 0.12),
    request_share=(0.92, 0.30),
    data_time=(35.0, 1.0),
    pool_time=(15.0, 0.8),
    outcome_median=by_name(facebook=300.0, twitter=280.0, google_plus=320.0, email=800.0, web=500.0),
    outcome_deviation=1.1,
    outcome_ratio=1.10,
    abandonment=(6500.0, 1.2),
    reopened=(0.07, 2600.0, 0.8),
    hop_share=0.06,
    hop_to=("twitter", "email", "web"),
    repeat_share=0.35,
    groups=by_name(
        customer_class=by_name(private=(0.85, 1.0), business=(0.15, 1.02)),
        followers=by_name(
            **{"under 1,000": (0.80, 1.0), "1,000 to 9,999": (0.16, 0.75), "10,000 or more": (0.04, 0.50)}
        ),
        language=by_name(Italian=(0.94, 1.0), English=(0.06, 1.08)),
    ),
    tones=("negative", "neutral", "positive"),
    first_tone=(0.62, 0.31, 0.07),
    tone_before=((0.34, 0.28, 0.38), (0.11, 0.43, 0.46), (0.05, 0.22, 0.73)),
    tone_after=((0.42, 0.30, 0.28), (0.13, 0.45, 0.42), (0.06, 0.24, 0.70)),
    writes=(0.35, 0.25, 0.65),
    message_time=(120.0, 1.1),
    confusion=((0.82, 0.14, 0.04), (0.13, 0.76, 0.11), (0.03, 0.14, 0.83)),
    labelled_each=150,
    sources={
        "exit": HYPOTHETICAL,
        "request_share": f"signal, private request, pool, taking in charge, outcome: {INTERVIEW}; sizes: assumption",
        "weekend_ratio": f"seven days a week before: {INTERVIEW}; sizes and what the exit does: assumption",
        "groups": f"the desk says that the law is the same for all as far as possible ({INTERVIEW}); that followers "
                  "are answered faster is an assumption, found at airlines (Gunarathne, Rui, Seidmann, MISQ 2018)",
        "tone_before": f"from angry to thankful: {INTERVIEW}; sizes: assumption",
    },
)  # fmt: skip
