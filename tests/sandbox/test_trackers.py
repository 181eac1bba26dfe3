"""What people do in each unit has the shape that it has in life, and is tied to what is true elsewhere."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import numpy as np
import orjson
import pytest

from include.sandbox import channels, world
from include.sandbox.channel import Moment
from include.sandbox.channels import database, segment, stripe
from include.sandbox.channels.database import ACTS, homes, notices
from include.sandbox.channels.segment import referrals
from include.sandbox.channels.segment.tracker import BY_SHARE, Tracker
from include.sandbox.channels.stripe.subscribers import FREE
from include.sandbox.people import fold
from include.sandbox.seasons import DAY, NEVER
from include.sandbox.stage import EveryKey

END = date(2026, 11, 21)


class Company:
    """Three channels of one company, met."""

    def __init__(self) -> None:
        self.world = world.build(seed=11, customers=5000, end=END)
        built = channels.build(self.world, EveryKey(), ["segment", "database", "stripe"])
        for each in built.values():
            each.stand(Moment(self.world.end))
        self.segment, self.database, self.stripe = (built[name] for name in ("segment", "database", "stripe"))
        assert isinstance(self.segment, segment.Channel)
        assert isinstance(self.database, database.Channel)
        assert isinstance(self.stripe, stripe.Channel)

    def tracker(self, unit: str) -> Tracker:
        return next(each for each in self.segment.trackers if unit == each.UNIT)

    def told(self, unit: str, name: str) -> list[dict]:
        """Return what Segment hands on of a unit's events of a name."""
        number = [each.UNIT for each in self.segment.trackers].index(unit) + 1
        first, tracker = int(self.segment._first[number]), self.tracker(unit)
        rows = first + rows_of(tracker, name)
        return [orjson.loads(self.segment._event(row, 0)) for row in rows.tolist()]


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


def rows_of(tracker: Tracker, *names: str) -> np.ndarray:
    return np.flatnonzero(np.isin(tracker.events.step, [tracker.code[name] for name in names]))


def test_no_event_is_before_the_tracker_or_of_nobodys_id(company: Company) -> None:
    known = company.segment.keys("identifies")
    for tracker in company.segment.trackers:
        events = tracker.events
        assert (events.happened_at >= tracker.start).all()
        assert (events.received_at >= events.happened_at).all()
        assert (np.diff(events.received_at) >= 0).all()
        signed_in = tracker.stays.user[events.visit[events.is_known]]
        assert {tracker.accounts[person] for person in signed_in.tolist()} <= known


def test_all_units_together_add_about_six_tenths_to_the_events(company: Company) -> None:
    before = len(company.segment.visits.events)
    more = sum(len(tracker.events) for tracker in company.segment.trackers)
    assert 0.4 < more / before < 0.7


@pytest.mark.parametrize("unit", ["sales_software", "news_site", "forum", "home_stay"])
def test_seven_in_a_hundred_visits_of_strangers_are_of_bots(company: Company, unit: str) -> None:
    stays = company.tracker(unit).stays
    # a visit that books or acts is somebody's, whether or not they are signed in
    strangers = (stays.user < 0) & (stays.device < (1 << 35)) & (stays.origin != BY_SHARE)
    assert 0.03 < stays.is_bot[strangers].mean() < 0.12
    assert not stays.is_bot[~strangers].any()


class TestSoftware:
    def test_users_sell_on_many_days_and_ever_fewer_of_them(self, company: Company) -> None:
        tracker = company.tracker("sales_software")
        stays, events = tracker.stays, tracker.events
        sold, signed_up = rows_of(tracker, "Sale Recorded"), rows_of(tracker, "Signed Up")
        began = dict(zip(stays.device[events.visit[signed_up]].tolist(),
                         events.happened_at[signed_up].tolist(), strict=True))  # fmt: skip
        weeks = defaultdict(set)
        days = defaultdict(set)
        for device, at in zip(stays.device[events.visit[sold]].tolist(), events.happened_at[sold].tolist(),
                              strict=True):  # fmt: skip
            days[device].add(at // DAY)
            if device in began:
                weeks[(at - began[device]) // (7 * DAY)].add(device)
        assert np.mean([len(each) for each in days.values()]) > 5
        old = {device for device, at in began.items() if at < company.world.last - 70 * DAY}
        shares = [len(weeks[week] & old) / len(old) for week in (0, 3, 8)]
        assert shares[0] > shares[1] > shares[2] > 0.05

    def test_nobody_uses_it_who_does_not_subscribe(self, company: Company) -> None:
        tracker, subs = company.tracker("sales_software"), company.stripe.subscriptions
        person = company.stripe.profiles.person[subs.customer]
        events = tracker.events
        for row in rows_of(tracker, "Sale Recorded").tolist():
            at = events.happened_at[row]
            own = person == tracker.stays.user[events.visit[row]]
            assert (own & (subs.started_at <= at) & (subs.ended_at > at - 1000)).any()

    def test_most_who_sign_up_sell_something_within_a_week(self, company: Company) -> None:
        tracker = company.tracker("sales_software")
        stays, events = tracker.stays, tracker.events
        signed_up = {int(stays.device[events.visit[row]]): int(events.happened_at[row])
                     for row in rows_of(tracker, "Signed Up").tolist()}  # fmt: skip
        active = {
            device
            for row in rows_of(tracker, "Sale Recorded").tolist()
            if 0
            <= events.happened_at[row] - signed_up.get(device := int(stays.device[events.visit[row]]), 0)
            < 7 * DAY
        }
        assert 0.4 < len(active) / len(signed_up) < 0.85
        strangers = len({*stays.device[events.visit[rows_of(tracker, "Home")]].tolist()})
        assert 0.05 < len(signed_up) / strangers < 0.4

    def test_money_moves_in_every_way(self, company: Company) -> None:
        subs = company.stripe.subscriptions
        past = subs.started_at <= company.world.end
        ended = past & (subs.ended_at <= company.world.end)
        assert (past & (subs.seats_later > subs.seats) & (subs.changed_at <= company.world.end)).any()
        assert (past & (subs.seats_later < subs.seats) & (subs.changed_at <= company.world.end)).any()
        assert (ended & (subs.failed_at < NEVER)).any()
        assert (ended & (subs.asked_at < NEVER) & (subs.anchor_at < subs.ended_at)).any()
        paying = subs.customer[past & (subs.plan != FREE)]
        assert (np.unique_counts(paying).counts > 1).any(), "somebody came back"

    def test_who_is_free_gave_up_a_trial_and_may_pay_later(self, company: Company) -> None:
        subs = company.stripe.subscriptions
        free = np.flatnonzero(subs.plan == FREE)
        assert len(free)
        for row in free.tolist():
            own = (subs.customer == subs.customer[row]) & (subs.plan != FREE)
            assert (own & subs.has_trial & (subs.ended_at == subs.anchor_at)
                    & (subs.ended_at <= subs.started_at[row])).any()  # fmt: skip
        later = np.isin(subs.ended_at[free], subs.started_at[subs.plan != FREE])
        assert 0.05 < later.mean() < 0.4
        assert not np.isin(company.stripe.invoices.subscription, free).any()


class TestApp:
    def test_fewer_come_back_the_later_it_is(self, company: Company) -> None:
        tracker = company.tracker("habit_app")
        stays, events = tracker.stays, tracker.events
        installed = {int(stays.device[events.visit[row]]): int(events.happened_at[row])
                     for row in rows_of(tracker, "Application Installed").tolist()}  # fmt: skip
        back = defaultdict(set)
        for row in rows_of(tracker, "Application Opened").tolist():
            device = int(stays.device[events.visit[row]])
            if device in installed:
                back[(int(events.happened_at[row]) - installed[device] + DAY // 2) // DAY].add(device)
        old = {device for device, at in installed.items() if at < company.world.last - 32 * DAY}
        first, week, month = (len(back[day] & old) / len(old) for day in (1, 7, 30))
        assert 0.25 < first < 0.6
        assert first > 1.5 * week > 1.5 * month > 0.02

    def test_few_pay_and_most_of_them_weeks_later(self, company: Company) -> None:
        tracker = company.tracker("habit_app")
        stays, events, old = tracker.stays, tracker.events, company.segment.visits.sessions
        bought = rows_of(tracker, "In-App Purchase")
        installed = stays.device[events.visit[rows_of(tracker, "Application Installed")]]
        everybody = np.union1d(installed, old.device[old.unit == segment.visits.APP])
        buyers = np.unique(stays.device[events.visit[bought]])
        assert 0.03 < len(buyers) / len(everybody) < 0.06
        known = old.unit == segment.visits.APP
        since = {}
        for device, at in zip(old.device[known].tolist(), old.started_at[known].tolist(), strict=True):
            since[device] = min(at, since.get(device, at))
        for row in rows_of(tracker, "Application Installed").tolist():
            since[int(stays.device[events.visit[row]])] = int(events.happened_at[row])
        first = {}
        for row in bought.tolist():
            device = int(stays.device[events.visit[row]])
            wait = (int(events.happened_at[row]) - since[device]) / DAY
            first[device] = min(wait, first.get(device, wait))
        low, middle, high = np.quantile(list(first.values()), [0.25, 0.5, 0.75])
        assert 0 < low < 7 < high < 60
        assert 4 < middle < 20

    def test_money_given_back_was_paid(self, company: Company) -> None:
        paid = {
            event["properties"]["order_id"]: event for event in company.told("habit_app", "In-App Purchase")
        }
        back = company.told("habit_app", "Purchase Refunded")
        assert 0 < len(back) < 0.15 * len(paid)
        for event in back:
            purchase = paid[event["properties"]["order_id"]]
            assert purchase["properties"]["amount"] == event["properties"]["amount"] > 0
            assert purchase["anonymousId"] == event["anonymousId"]
            assert purchase["timestamp"] < event["timestamp"]


class TestNews:
    def test_readers_come_once_or_a_few_times_or_daily(self, company: Company) -> None:
        stays = company.tracker("news_site").stays
        month = (stays.started_at - stays.started_at.min()) // (30 * DAY)
        people = ~stays.is_bot
        _, visits = np.unique(stays.device[people] * 16 + month[people], return_counts=True)
        bands = np.histogram(visits, [1, 2, 4, 9, 1000])[0]
        assert bands[0] > bands[2] > 0
        assert (bands > 0.02 * bands.sum()).all()

    def test_more_advertising_less_reading(self, company: Company) -> None:
        beats, views = defaultdict(int), defaultdict(int)
        slots = {}
        for event in company.told("news_site", "Ads Rendered"):
            if about := event["properties"].get("content_id"):
                slots[about] = event["properties"]["slots"]
                views[slots[about]] += 1
        for event in company.told("news_site", "Heartbeat"):
            beats[slots[event["properties"]["content_id"]]] += 1
        light, heavy = min(views), max(views)
        assert len(views) >= 3
        assert beats[light] / views[light] > 1.4 * beats[heavy] / views[heavy]

    def test_every_page_renders_its_advertisements(self, company: Company) -> None:
        tracker = company.tracker("news_site")
        pages = tracker.events.visit[rows_of(tracker, "Home", "Article")]
        assert sorted(pages.tolist()) == sorted(
            tracker.events.visit[rows_of(tracker, "Ads Rendered")].tolist()
        )

    def test_half_of_who_signs_in_pays_to_read(self, company: Company) -> None:
        signed_in = np.unique(company.tracker("news_site").stays.user)
        pays = np.isin(signed_in[signed_in >= 0], company.database.readers.person)
        assert 0.4 < pays.mean() < 0.6


class TestSubscribers:
    def test_terms_follow_one_another_until_a_subscription_ends(self, company: Company) -> None:
        own = defaultdict(list)
        for each in company.database.terms:
            own[each.subscription].append(each)
        for terms in own.values():
            assert all(before.at < after.at for before, after in pairwise(terms))
            assert all(each.state != "ended" for each in terms[:-1])
            assert terms[0].at == terms[0].started_at
            assert {each.plan for each in terms} == {terms[0].plan}
        states = [tuple(dict.fromkeys(each.state for each in terms)) for terms in own.values()]
        assert ("trialing", "ended") in states, "somebody tries and does not pay"
        assert ("trialing", "active", "cancelled", "ended") in states
        assert any(way[-2:] == ("past_due", "ended") for way in states)
        readers = [terms[0].reader for terms in own.values()]
        assert len(set(readers)) < len(readers), "somebody comes back"
        failed = [terms[-1].by_payment for terms in own.values() if terms[-1].state == "ended"]
        assert 0.05 < np.mean(failed) < 0.3

    def test_who_works_there_reads_for_nothing(self, company: Company) -> None:
        people = company.world.people
        assert not any(people[person].is_staff for person in company.database.readers.person.tolist())


class TestForum:
    def test_most_only_read_and_shares_bring_strangers(self, company: Company) -> None:
        stays, forum = company.tracker("forum").stays, company.database
        assert 0.4 < (stays.user < 0).mean() < 0.85
        by_share = np.flatnonzero(stays.origin == BY_SHARE)
        assert 0.03 < len(by_share) / len(stays) < 0.2
        shares, is_share = defaultdict(list), forum.act_kind == ACTS.index("share")
        for post, at in zip(
            forum.act_post[is_share].tolist(), forum.acted_at[is_share].tolist(), strict=True
        ):
            shares[f"forum/{post + 1}"].append(at)
        first = {}
        for event in sorted(company.told("forum", "Thread"), key=lambda event: event["timestamp"]):
            if event["context"].get("campaign", {}).get("source") == "share":
                first.setdefault(event["context"]["sessionId"], event)
        assert first
        waits = []
        for event in first.values():
            at = np.datetime64(event["timestamp"].rstrip("Z"), "s").astype(int)
            named = int(event["context"]["campaign"]["name"].removeprefix("forum/")) - 1
            assert is_share[named]
            assert int(forum.acted_at[named]) in shares[event["properties"]["content_id"]]
            waits.append(at - forum.acted_at[named])
        assert min(waits) > 0
        assert 0.08 < np.mean(np.array(waits) > 7 * DAY) < 0.35

    def test_who_is_told_acts_more_often_by_what_is_true(self, company: Company) -> None:
        told = company.database.notices
        kinds = np.array([kind for kind, *_ in notices.CAMPAIGNS])[told.campaign]
        for kind, uplift in notices.UPLIFT.items():
            acts = told.acts[(kinds == kind) & ~told.is_held_out]
            error = 4 * np.sqrt(0.2 / len(acts))
            assert acts.mean() == pytest.approx(notices.BASE + uplift, abs=error)
        assert told.acts[told.is_held_out].mean() == pytest.approx(notices.BASE, abs=0.06)

    def test_nothing_is_sent_to_who_is_held_out(self, company: Company) -> None:
        told, what = company.database.notices, company.database.happenings
        kinds = np.array(notices.KINDS)[what.kind]
        withheld = told.is_held_out[what.notice]
        assert (kinds[withheld] == "withheld").all()
        assert not (kinds[~withheld] == "withheld").any()
        held, of = np.unique(told.user[told.is_held_out]), np.unique(told.user)
        assert not np.isin(told.user[~told.is_held_out], held).any()
        assert 0.04 < len(held) / len(of) < 0.17
        counts = {name: int((kinds == name).sum()) for name in notices.KINDS}
        assert counts["sent"] > counts["delivered"] > counts["opened"] > counts["clicked"] > 0
        assert counts["unsubscribed"] < 0.05 * counts["delivered"]

    def test_who_acts_on_a_notice_does_so_within_a_day(self, company: Company) -> None:
        forum = company.database
        acts = defaultdict(list)
        for user, at, kind in zip(forum.act_user.tolist(), forum.acted_at.tolist(), forum.act_kind.tolist(),
                                  strict=True):  # fmt: skip
            if ACTS[kind] != "view":
                acts[user].append(at)
        for row in np.flatnonzero(forum.notices.acts).tolist():
            at = forum.notices.at[row]
            assert any(0 < acted - at < DAY for acted in acts[int(forum.notices.user[row])])


class TestLodging:
    def test_an_order_is_a_booking_with_its_home_and_amount(self, company: Company) -> None:
        stays, orders = company.database, company.told("home_stay", "Order Completed")
        assert len(orders) > 100
        for event in orders:
            booking = int(event["properties"]["order_id"].removeprefix("home_stay/")) - 1
            assert event["properties"]["listing_id"] == f"home_stay/{stays.home[booking] + 1}"
            assert event["properties"]["revenue"] == stays.amount[booking]
            at = np.datetime64(event["timestamp"].rstrip("Z"), "s").astype(int)
            assert at == stays.requested_at[booking]
        ids = [event["properties"]["order_id"] for event in orders]
        assert len(ids) == len(set(ids))

    def test_each_step_is_taken_by_fewer(self, company: Company) -> None:
        tracker = company.tracker("home_stay")
        searching = set(tracker.events.visit[rows_of(tracker, "Products Searched")].tolist())
        steps = (
            "Products Searched",
            "Product Viewed",
            "Product Added",
            "Checkout Started",
            "Order Completed",
        )
        counts = [
            len(searching & set(tracker.events.visit[rows_of(tracker, name)].tolist())) for name in steps
        ]
        assert counts == sorted(counts, reverse=True)
        assert counts[-1] < counts[0] / 2

    def test_some_searches_find_nothing_and_some_are_without_accents(self, company: Company) -> None:
        searches = [event["properties"] for event in company.told("home_stay", "Products Searched")]
        nothing = np.mean([search["results"] == 0 for search in searches])
        plain = np.mean([fold(search["query"]) == search["query"] for search in searches])
        assert 0.02 < nothing < 0.25
        assert 0.2 < plain < 0.6
        for event in company.told("home_stay", "Product Clicked"):
            assert event["properties"]["position"] >= 1

    def test_homes_are_looked_at_for_long_or_left_at_once(self, company: Company) -> None:
        seconds = np.array(
            [event["properties"]["engagement_time_msec"] / 1000
             for event in company.told("home_stay", "Product Viewed")]
        )  # fmt: skip
        assert 0.1 < (seconds < 10).mean() < 0.5
        assert seconds.max() < 1800

    def test_a_home_is_live_when_somebody_asks_for_it(self, company: Company) -> None:
        stays, was = company.database, company.database.versions
        for home in range(len(stays.host)):
            rows = np.flatnonzero(was.home == home)
            asked = stays.requested_at[stays.home == home]
            found = np.searchsorted(was.at[rows], asked, "right") - 1
            assert (found >= 0).all()
            assert (was.state[rows][found] == homes.LIVE).all()
        states = {homes.STATES[state] for state in was.state.tolist()}
        assert states == set(homes.STATES)
        again = (was.state == homes.LIVE) & ~np.isin(was.at, stays.listed_at)
        assert again.any()
        assert (was.price != stays.price[was.home]).any()

    def test_reviews_are_of_stays_that_are_over(self, company: Company) -> None:
        stays, said = company.database, company.database.reviews
        assert (stays.completed_at[said.booking] < said.answered_at).all()
        assert len(np.unique(said.booking)) == len(said)
        assert set(said.score.tolist()) == {1, 2, 3, 4, 5}
        done = int((stays.completed_at < NEVER).sum())
        assert 0.3 < len(said) / done < 0.75

    def test_a_few_book_their_own_homes_and_praise_them_at_once(self, company: Company) -> None:
        stays = company.database
        guest, host = stays.guest[stays.cheating], stays.host[stays.home[stays.cheating]]
        assert (guest != host).all()
        for one, other in zip(guest.tolist(), host.tolist(), strict=True):
            assert stays.guests.phones[one] == stays.guests.phones[other]
            assert stays.guests.person[one] == stays.guests.person[other]
        # the site finds out, and then none of it counts
        assert stays.is_fraud[stays.cheating].all()
        assert (stays.cancelled_at[stays.cheating] > stays.completed_at[stays.cheating]).all()
        assert (stays.cancelled_at[stays.cheating] < company.world.end).all()
        praised = stays.reviews.answered_at[np.isin(stays.reviews.booking, stays.cheating)]
        assert len(praised) == len(stays.cheating) < 0.03 * len(stays.home)
        assert (stays.reviews.score[np.isin(stays.reviews.booking, stays.cheating)] == 5).all()

    def test_some_hosts_write_a_telephone_number_into_a_chat(self, company: Company) -> None:
        chats = company.database.chats
        assert 0 < chats.is_lure.mean() < 0.06
        row = int(np.flatnonzero(chats.is_lure)[0])
        assert "0912 345 678" in homes.said(chats, row, "0912 345 678")


class TestReferrals:
    def test_who_invites_has_bought_and_who_accepts_has_not(self, company: Company) -> None:
        orders = company.world.orders
        first = np.full(len(company.world.people), NEVER)
        np.minimum.at(first, orders.person[orders.person >= 0], orders.created_at[orders.person >= 0])
        tracker = company.tracker("shop_online")
        sent, accepted = rows_of(tracker, "Invite Sent"), rows_of(tracker, "Invite Accepted")
        events = tracker.events
        person = tracker.stays.user[events.visit]
        assert (first[person[sent]] < events.happened_at[sent]).all()
        assert (first[person[accepted]] > events.happened_at[accepted]).all()
        assert (first[person[accepted]] < events.happened_at[accepted] + 31 * DAY).all()
        buyers = int((first <= company.world.last).sum())
        assert 0.03 < len(np.unique(person[sent])) / buyers < 0.05
        assert 0.02 < len(accepted) / len(sent) < 0.3

    def test_an_acceptance_bears_the_id_of_its_invitation(self, company: Company) -> None:
        sent = {event["messageId"]: event for event in company.told("shop_online", "Invite Sent")}
        accepted = company.told("shop_online", "Invite Accepted")
        assert accepted
        for event in accepted:
            invitation = sent[event["messageId"].removesuffix("/accepted")]
            assert invitation["timestamp"] < event["timestamp"]
            assert invitation["userId"] != event["userId"]
            assert event["properties"]["invite_id"] == invitation["messageId"]

    def test_a_product_is_shared_while_it_is_looked_at(self, company: Company) -> None:
        old, tracker = company.segment.visits, company.tracker("shop_online")
        shared = rows_of(tracker, "Product Shared")
        looks = old.events.step == segment.visits.CODE_OF["Product Viewed"]
        people = ~old.sessions.is_bot[old.events.session]
        assert 0.03 < len(shared) / (looks & people).sum() < 0.1
        looked_at = defaultdict(list)
        for row in np.flatnonzero(looks).tolist():
            looked_at[int(old.events.session[row])].append(int(old.events.happened_at[row]))
        for row in shared.tolist():
            session = int(tracker._session[tracker.events.visit[row]])
            assert int(tracker.events.happened_at[row]) - 8 in looked_at[session]
        for event in company.told("shop_online", "Product Shared"):
            assert event["messageId"].startswith("msg-")
            assert event["properties"]["product_id"].isdigit()
            assert event["properties"]["share_via"] in referrals.VIAS
