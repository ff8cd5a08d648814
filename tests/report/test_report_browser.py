"""Reports in a real browser: nothing runs that is not ours, everything can be read."""

import re
import shutil

import pytest
from report import samples

from grader.chance import Normal
from grader.report import write_class, write_student

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")]

CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const written = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!written || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const front = light(numbers(element.namespaceURI.endsWith("svg") ? style.fill : style.color));
    const back = light(behind(element));
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName}.${element.className} ${ratio.toFixed(2)} ${element.textContent}`);
  }
  return faint;
}"""
PATIENCE = 180_000
"""Milliseconds: a busy machine may take its time to start a browser, and to draw a page."""
OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    out = tmp_path_factory.mktemp("reports")
    for grade in samples.everybody():
        write_student(grade, samples.ASSIGNMENT, out / grade.submission.student, Normal(0, 1))
    write_class(samples.everybody(), samples.ASSIGNMENT, out, seconds=83.2, sandbox="userns")
    return out


@pytest.fixture
def opened(browser):
    """Open pages that record every dialog, request and complaint of theirs."""
    contexts = []

    def open_page(path, **settings):
        context = browser.new_context(**settings)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.seen = []
        page.on("dialog", lambda dialog: (page.seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: page.seen.append(f"request {request.url}"))
        page.on("console", lambda message: page.seen.append(f"console {message.text}"))
        page.on("pageerror", lambda error: page.seen.append(f"error {error}"))
        page.goto(path.as_uri())
        page.seen = [one for one in page.seen if one != f"request {path.as_uri()}" and " data:" not in one]
        return page

    yield open_page
    for context in contexts:
        context.close()


def without_policy(path):
    """Return a copy of a page whose content security policy is taken out, to try the walls before it alone."""
    copy = path.with_name(f"open-{path.name}")
    text, count = re.subn(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", path.read_text(encoding="utf-8"))
    assert count == 1
    copy.write_text(text, encoding="utf-8")
    return copy


@pytest.mark.parametrize("name", ["eve/report.html", "index.html"])
@pytest.mark.parametrize("guarded", [True, False], ids=["with policy", "without"])
def test_hostile_text_runs_nothing_and_asks_for_nothing(opened, reports, name, guarded):
    page = opened(reports / name if guarded else without_policy(reports / name))
    page.evaluate(OPEN)
    page.mouse.move(300, 300)
    page.wait_for_timeout(300)
    assert page.evaluate("window.stolen") is None
    assert page.seen == []
    assert (
        page.evaluate("document.querySelectorAll('iframe, object, embed, form:not(.filter), link, base').length") == 0
    )
    schemes = set(page.evaluate("[...document.querySelectorAll('a[href]')].map((one) => one.protocol)"))
    assert schemes <= {"file:", "https:", "http:", "mailto:"}
    assert "evil" not in page.evaluate("[...document.querySelectorAll('a')].map((one) => one.href).join()")


@pytest.mark.parametrize("name", ["ada/report.html", "index.html"])
def test_the_policy_stops_what_would_get_in(opened, reports, name):
    page = opened(reports / name)
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(
            """() => {
              const script = document.createElement("script");
              document.body.append(Object.assign(script, { textContent: "window.stolen = 1" }));
              const picture = "<img src='http://evil.invalid/x.png' onerror='window.stolen = 2'>";
              document.body.insertAdjacentHTML("beforeend", picture);
            }"""
        )
    page.wait_for_timeout(200)
    assert page.evaluate("window.stolen") is None


def names(page) -> list[str]:
    return page.locator("table.students tbody tr:visible th a").all_inner_texts()


def test_the_table_sorts(opened, reports):
    page = opened(reports / "index.html")
    assert [name[:2] for name in names(page)] == ["Ad", "Bo", "Cy", "Di", "Ed", "</"]
    points = page.get_by_role("button", name="Points", exact=True)
    points.click()
    assert names(page)[:3] == ["Bo Chen", "Ed Died", "Ada Löwe"]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    points.click()
    assert names(page)[0] == "Di Ode", "a fault stands first when the least comes first"
    page.get_by_role("button", name="Student").click()
    assert [name for name in names(page) if name[0] != "<"] == ["Ada Löwe", "Bo Chen", "Cy Twist", "Di Ode", "Ed Died"]
    assert page.seen == []


def test_the_table_filters(opened, reports):
    page = opened(reports / "index.html")
    page.get_by_label("Find").fill("löwe")
    assert names(page) == ["Ada Löwe"]
    assert page.locator("form.filter output").inner_text() == "1 of 6"
    page.get_by_label("Find").fill("")
    page.get_by_label("Show").select_option("fault")
    assert names(page) == ["Di Ode"]
    page.get_by_label("Show").select_option("")
    assert len(names(page)) == 6
    assert page.seen == []


def test_everything_is_there_without_a_script(opened, reports):
    page = opened(reports / "index.html", java_script_enabled=False)
    assert len(names(page)) == 6
    assert not page.locator("form.filter").is_visible()
    page.get_by_role("link", name="Ada Löwe").first.click()
    page.wait_for_url("**/ada/report.html*")
    assert page.get_by_role("heading", level=1).inner_text() == "Ada Löwe"
    page.get_by_text("Your written answer, as we found it").click()
    page.locator("math").first.wait_for(state="visible")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["ada/report.html", "bo/report.html", "cy/report.html", "di/report.html", "index.html"]
)
def test_everything_can_be_read(opened, reports, name, scheme):
    page = opened(reports / name, color_scheme=scheme)
    page.evaluate(OPEN)
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("name", ["ada/report.html", "eve/report.html", "index.html"])
def test_a_phone_shows_the_whole_width(opened, reports, name):
    page = opened(reports / name, viewport={"width": 390, "height": 844}, is_mobile=True)
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_shows_answers_and_hides_controls(opened, reports):
    page = opened(reports / "ada/report.html", color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".answer .prose").is_visible()
    assert not page.locator("nav.chips").is_visible()
    assert page.evaluate(CONTRAST) == []


def test_a_title_is_a_title(opened, reports):
    assert "</title>" in opened(reports / "eve/report.html").title()
