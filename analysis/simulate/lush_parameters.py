"""Every number the simulated partial exit and return of Lush UK is made from, each with the public source it has.

Dates of the exit and the sizes of three accounts are public; levels and effects are orders of magnitude.
"""

from datetime import date

from analysis.simulate.exit_parameters import ExitCalendar, ExitContacts, ExitEngagement, ExitWorld
from analysis.simulate.parameters import by_name

FOLLOWERS = by_name(facebook=423_000, instagram=569_000, twitter=202_000)
SIZES = "202k Twitter, 569k Instagram, over 423k Facebook (BBC copy, RetailDetail, Dazed, 9-10 Apr 2019)"
RATES = "rates a follower and post: 2018 Facebook .09 %, Instagram 1.6 % (Rival IQ via immediatefuture 2019); " \
        "Twitter .035 % (2022)"  # fmt: skip
POSTS = by_name(facebook=1.5, instagram=0.4, twitter=8.0)
RATE = by_name(facebook=0.0009, instagram=0.016, twitter=0.00035)
LEVELS = {channel: round(FOLLOWERS[channel] * RATE[channel] * POSTS[channel]) * 1.0 for channel in FOLLOWERS}

CALENDAR = ExitCalendar(
    seed=20190415,
    country="GB",
    first=date(2017, 9, 4),
    last=date(2020, 9, 27),
    announced=date(2019, 4, 8),
    closed=date(2019, 4, 15),
    returned=date(2020, 3, 16),
    sources={
        "announced": "Independent, 10 Apr 2019 (announced on Monday)",
        "closed": "one-week wind-down: RetailDetail, Dazed, April 2019; the day is derived from it",
        "returned": "early 2020, with the pandemic (BBC copy, Allure copy); the day is an assumption",
    },
)

ENGAGEMENT = ExitEngagement(
    level=by_name(**LEVELS, facebook_shops=700.0, instagram_shops=2200.0, community=350.0),
    exited=("facebook", "instagram", "twitter"),
    spillover=by_name(facebook_shops=0.16, instagram_shops=0.14, community=0.20),
    regained=by_name(facebook=0.72, instagram=0.80, twitter=0.70),
    spillover_kept=by_name(facebook_shops=0.06, instagram_shops=0.05, community=0.08),
    trend=by_name(
        facebook=-0.05, instagram=0.05, twitter=-0.02, facebook_shops=-0.02, instagram_shops=0.06, community=0.03
    ),
    factor=((0.98, 0.10), (0.99, 0.10)),
    loading=by_name(
        facebook=(1.0, 0.3), instagram=(0.8, 1.0), twitter=(1.0, 0.0), facebook_shops=(0.8, 0.3),
        instagram_shops=(0.7, 0.9), community=(0.7, 0.5),
    ),
    yearly=by_name(
        facebook=(0.10, -0.03, 0.05, 0.02), instagram=(0.12, -0.04, 0.06, 0.02), twitter=(0.08, -0.03, 0.04, 0.02),
        facebook_shops=(0.10, -0.03, 0.05, 0.02), instagram_shops=(0.12, -0.04, 0.06, 0.02),
        community=(0.06, -0.02, 0.03, 0.01),
    ),
    weekday=by_name(
        facebook=(0.02, 0.02, 0.02, 0.02, 0.02, -0.04, -0.06), instagram=(0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.04),
        twitter=(0.05, 0.05, 0.05, 0.05, 0.0, -0.10, -0.12), facebook_shops=(-0.02, 0.0, 0.0, 0.0, 0.05, 0.10, -0.05),
        instagram_shops=(-0.02, 0.0, 0.0, 0.0, 0.05, 0.10, -0.05),
        community=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ),
    holiday=by_name(
        facebook=-0.05, instagram=0.0, twitter=-0.10, facebook_shops=-0.10, instagram_shops=-0.05, community=0.0
    ),
    buzz=by_name(
        facebook=0.60, instagram=0.50, twitter=0.90, facebook_shops=0.15, instagram_shops=0.10, community=0.25
    ),
    buzz_days=(3.0, 14),
    shocks=by_name(pandemic=(date(2020, 3, 16), 0.30, 150.0, 400)),
    noise=(0.45, 0.16),
    dispersion=0.02,
    peer_word="Peer retailer",
    peers=20,
    peer_spread=(0.5, 0.3),
    loading_spread=0.25,
    season_spread=0.2,
    peer_noise=(0.4, 0.10),
    peer_dispersion=0.004,
    sources={
        "level": f"followers: {SIZES}; {RATES}; posts a day and the shops' and the community's accounts: assumption",
        "exited": "Lush UK's central accounts closed; UK shop accounts and Lush People stayed (PopBuzz, April 2019)",
        "buzz": "much discussed: InTime blog, May 2019; size: assumption",
        "regained": "assumption: the return reverses the exit only in part",
        "shocks": "COVID-19 from the week of the return, on brand and peers alike; its size is an assumption",
    },
)

CONTACTS = ExitContacts(
    level=by_name(
        facebook=70.0, instagram=80.0, twitter=95.0, facebook_shops=26.0, instagram_shops=24.0, phone=260.0,
        email=430.0, chat=180.0, shop=130.0,
    ),
    exited=("facebook", "instagram", "twitter"),
    diversion=by_name(
        facebook_shops=0.06, instagram_shops=0.07, phone=0.11, email=0.22, chat=0.15, shop=0.02
    ),
    regained=0.75,
    diversion_kept=by_name(
        facebook_shops=0.02, instagram_shops=0.02, phone=0.02, email=0.06, chat=0.06, shop=0.0
    ),
    demand_trend=0.04,
    demand_slow=(0.995, 0.07),
    demand_fast=(0.5, 0.04),
    demand_yearly=(0.16, -0.05, 0.08, 0.03),
    loading=by_name(
        facebook=1.0, instagram=1.0, twitter=1.0, facebook_shops=0.8, instagram_shops=0.8, phone=0.9, email=1.0,
        chat=1.1, shop=0.8,
    ),
    trend=by_name(
        facebook=-0.02, instagram=0.05, twitter=0.0, facebook_shops=0.0, instagram_shops=0.04, phone=-0.03, email=0.0,
        chat=0.06, shop=0.0,
    ),
    hours=by_name(
        facebook="social", instagram="social", twitter="social", facebook_shops="shop", instagram_shops="shop",
        phone="desk", email="desk", chat="desk", shop="shop",
    ),
    weekday=by_name(
        social=(0.08, 0.06, 0.04, 0.04, 0.02, -0.10, -0.14), desk=(0.30, 0.20, 0.15, 0.10, 0.05, -0.50, -0.90),
        shop=(-0.10, -0.10, -0.05, 0.0, 0.10, 0.35, -0.05),
    ),
    holiday=by_name(social=-0.10, desk=-0.70, shop=-0.30),
    shocks=by_name(pandemic=(date(2020, 3, 16), 0.40, 150.0, 400)),
    shock_loading=by_name(
        pandemic=by_name(
            facebook=0.8, instagram=0.8, twitter=0.8, facebook_shops=0.2, instagram_shops=0.2, phone=0.5, email=1.0,
            chat=1.0, shop=-3.0,
        )
    ),
    own_drift=(0.98, 0.03),
    noise=(0.4, 0.06),
    dispersion=0.01,
    logins=24_000.0,
    logins_weekday=(0.06, 0.02, 0.0, 0.0, -0.02, -0.04, 0.02),
    logins_noise=(0.4, 0.03),
    logins_dispersion=0.0005,
    sources={
        "diversion": "assumption; people were moved to chat, e-mail and phone (PopBuzz, Independent, April 2019)",
        "exited": "the same accounts (PopBuzz, April 2019)",
        "shocks": "COVID-19 from the week of the return; shops close; its size is an assumption",
    },
)

WORLD = ExitWorld("lush", CALENDAR, ENGAGEMENT, CONTACTS)
