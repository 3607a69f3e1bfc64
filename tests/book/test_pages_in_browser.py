"""The built book as people meet it: in a real browser, on a desk and on a phone, by day and by night, with and without
JavaScript, from a server and from a disk."""

import contextlib

import pytest
from pages import SIDEWAYS, Visits, all_pages, one_of_each_kind

pytestmark = pytest.mark.browser

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 780}
LIVE = "figure.chart .live.ready svg"
PICTURE = "figure.chart > .view > svg"


@pytest.fixture(scope="session")
def pages(built_book):
    return all_pages(built_book)


@pytest.fixture(scope="session")
def pages_with_charts(built_book, pages):
    found = [page for page in pages if '<figure class="chart"' in (built_book / page).read_text(encoding="utf-8")]
    assert found, "no page of the book has a chart"
    return found


@contextlib.contextmanager
def visiting(browser, root, **options):
    context = browser.new_context(**({"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce"} | options))
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    yield Visits(tab, root)
    context.close()


@pytest.fixture(scope="module")
def tour(browser, address, pages):
    """Every page, seen once on a desk and once at the width of a phone."""
    undrawn, wide, violations = [], {}, {}
    with visiting(browser, address) as visits:
        for page in pages:
            tab = visits.open(page)
            if not visits.charts_are_drawn():
                undrawn.append(page)
            if found := visits.violations():
                violations[page] = found
            tab.set_viewport_size(PHONE)
            tab.wait_for_timeout(300)  # charts wait 150 ms before they follow a new width
            if (pixels := tab.evaluate(SIDEWAYS)) > 0:
                wide[page] = pixels
            tab.set_viewport_size(DESK)
    return {
        "foreign": visits.foreign,
        "complaints": visits.complaints,
        "undrawn": undrawn,
        "wide": wide,
        "violations": violations,
    }


def test_no_page_asks_another_host_for_anything(tour):
    assert tour["foreign"] == {}


def test_no_page_logs_an_error_or_misses_a_file(tour):
    assert tour["complaints"] == {}


def test_every_chart_comes_to_life(tour, pages_with_charts):
    assert tour["undrawn"] == []


def test_no_page_scrolls_sideways_on_a_phone(tour):
    assert tour["wide"] == {}


def test_axe_finds_nothing_on_any_page(tour):
    assert tour["violations"] == {}


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
    ids=["desk-dark", "phone", "phone-dark"],
)
def test_axe_finds_nothing_on_each_kind_of_page(browser, address, pages, viewport, scheme):
    violations = {}
    with visiting(browser, address, viewport=viewport, color_scheme=scheme) as visits:
        for page in one_of_each_kind(pages):
            tab = visits.open(page)
            visits.charts_are_drawn()
            assert tab.locator("html").get_attribute("data-theme") == scheme
            if found := visits.violations():
                violations[page] = found
    assert violations == {}


def test_from_a_disk_pages_work_as_from_a_server(browser, built_book, pages, pages_with_charts):
    with visiting(browser, built_book.as_uri() + "/") as visits:
        for page in one_of_each_kind(pages):
            visits.open(page)
            assert visits.charts_are_drawn(), page
        tab = visits.open("search.html?q=stroke")
        tab.locator("#search-results li a").first.wait_for()
    assert (visits.foreign, visits.complaints) == ({}, {})


def test_without_javascript_the_pictures_are_there(browser, address, pages_with_charts):
    with visiting(browser, address, java_script_enabled=False) as visits:
        for page in one_of_each_kind(pages_with_charts):
            tab = visits.open(page)
            pictures = tab.locator(PICTURE)
            assert pictures.count() == tab.locator("figure.chart").count(), page
            for picture in pictures.all():
                assert picture.is_visible() and picture.bounding_box()["height"] > 30, page


def test_when_vega_does_not_arrive_the_pictures_stay(browser, address, pages_with_charts):
    with visiting(browser, address) as visits:
        visits.tab.route("**/vega.js*", lambda route: route.abort())
        tab = visits.open(pages_with_charts[0])
        assert tab.locator(PICTURE).first.is_visible()
        assert tab.locator(LIVE).count() == 0


def test_when_a_chart_can_not_be_drawn_its_picture_stays(browser, address, pages_with_charts):
    with visiting(browser, address) as visits:
        broken = "window.vegaEmbed = () => Promise.reject(new Error('planted'));"
        visits.tab.route("**/vega.js*", lambda route: route.fulfill(body=broken, content_type="text/javascript"))
        with visits.tab.expect_console_message(lambda message: "planted" in message.text):
            tab = visits.open(pages_with_charts[0])
        assert tab.locator(PICTURE).first.is_visible()
        assert tab.locator("figure.chart .live").count() == 0


def test_a_chart_follows_the_width_of_the_page(browser, address, pages_with_charts):
    with visiting(browser, address) as visits:
        tab = visits.open(pages_with_charts[0])
        assert visits.charts_are_drawn()
        at_desk = tab.locator(LIVE).first.bounding_box()["width"]
        tab.set_viewport_size(PHONE)
        tab.wait_for_timeout(600)
        on_phone = tab.locator(LIVE).first.bounding_box()["width"]
        assert on_phone < at_desk and on_phone <= PHONE["width"]


def test_folded_code_opens_by_keyboard(browser, address, pages_with_charts):
    with visiting(browser, address) as visits:
        tab = visits.open(pages_with_charts[0])
        fold = tab.locator("details.hide").first
        assert not fold.locator("pre").first.is_visible()
        fold.locator("summary").focus()
        tab.keyboard.press("Enter")
        assert fold.locator("pre").first.is_visible()
        assert fold.locator("summary").inner_text().endswith("Hide the code")


def test_downloads_of_a_chart_are_there(browser, address, pages_with_charts):
    with visiting(browser, address) as visits:
        for page in one_of_each_kind(pages_with_charts):
            tab = visits.open(page)
            for link in tab.locator("figure.chart .downloads a").all():
                response = tab.request.get(link.evaluate("(a) => a.href"))
                assert response.ok and len(response.body()) > 20, (page, link.inner_text())


def test_the_menu_of_a_phone_opens_and_has_no_fault(browser, address):
    with visiting(browser, address, viewport=PHONE) as visits:
        tab = visits.open("index.html")
        tab.locator("button.primary-toggle").first.click()
        tab.locator("#pst-primary-sidebar-modal nav a").first.wait_for()
        assert visits.violations() == []


def test_the_colour_switch_turns_the_page_dark(browser, address):
    with visiting(browser, address) as visits:
        tab = visits.open("index.html")
        switch = tab.locator("button.theme-switch-button").first
        for _ in range(3):
            switch.click()
            if tab.locator("html").get_attribute("data-theme") == "dark":
                break
        assert tab.locator("html").get_attribute("data-theme") == "dark"
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
