"""What a reader can do with the HTML report in a browser, and what the report can never do there."""

import argparse
import copy
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[2]
GAP = ROOT / "fixtures/streampulse-gap/report.json"
DENIED = ROOT / "fixtures/denied/report.json"

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Markup, script, an attribute's end, an address, an escape and a change of direction.
HOSTILE = "<img src=x onerror=pwn()>\"'&</td></script><script>pwn()</script>javascript:pwn()\x1b[31m\u202e"

# Seconds on a small, shared machine.
LOADED = 20
FILTERED = 5


def page_of(program, report, folder, name):
    """Writes a report as the program shows it, and says where."""
    source = folder / f"{name}.json"
    source.write_text(json.dumps(report))
    page = folder / f"{name}.html"
    with page.open("wb") as out:
        subprocess.run([program, "report", source, "--format", "html"], stdout=out, check=True)
    return page


def answered(report):
    """The report with what people write down: a waiver, an attestation, a scope decision, and one of several that is enough."""
    report = copy.deepcopy(report)
    people = {"owner": "platform@example.com", "approved_by": "ciso@example.com", "approved_on": "2026-10-01"}
    failing = next(f for f in report["findings"] if f["outcome"] == "fail")
    failing["waiver"] = "W-2026-001"
    report["waivers"] = [{
        "id": "W-2026-001", "check": failing["rule"], "state": "applied", "match": {"resource": failing["resource"]["id"]},
        "reason": "It is being moved and stays as it is until then.", "expires": "2026-12-31", "matched": 1, "applied": 1, **people,
    }]
    report["attestations"] = [{
        "id": "capacity-2026", "topic": "capacity_review", "state": "valid", "controls": ["A1.1"], "result": "operating",
        "statement": "Limits and growth of all services were reviewed.", "owner": "platform@example.com",
        "attested_by": "cto@example.com", "attested_on": "2026-09-02", "good_until": "2027-09-02",
        "documents": [{"title": "Review", "sha256": "e" * 64}],
    }]
    report["not_applicable"] = [{"controls": ["C1.2"], "reason": "All of it is public record, and kept for good.", **people}]
    control = next(c for c in report["controls"] if any(line["bearing"] == "required" for line in c["checks"]))
    line = next(line for line in control["checks"] if line["bearing"] == "required")
    control["groups"] = [{
        "stands_for": [line["rule"]], "status": "attested", "checks": {line["rule"]: line["status"]},
        "attestations": {"capacity_review": "valid"},
    }]
    return report


def hostile(report):
    """The report with hostile text in everything that comes from elsewhere."""
    report = copy.deepcopy(report)
    for written in report["waivers"] + report["attestations"] + report["not_applicable"]:
        for key in written.keys() & {"reason", "statement", "owner", "approved_by", "attested_by", "expires", "check"}:
            written[key] += HOSTILE
    for finding in report["findings"]:
        finding["resource"]["id"] += HOSTILE
        finding["evidence"] = {key + HOSTILE: HOSTILE for key in finding["evidence"]}
        if finding.get("reason"):
            finding["reason"]["detail"] = HOSTILE
    for check in report["checks"]:
        for key in ["title", "why", "assert"]:
            check[key] += HOSTILE
        check["references"] = ["javascript:pwn()", "https://example.com/" + HOSTILE]
    for control in report["controls"]:
        control["why"] += HOSTILE
    for target in report["targets"]:
        if "identity" in target:
            target["identity"] = HOSTILE
    report["tool"]["name"] += HOSTILE
    return report


def large(report, count):
    """The report with so many findings, and its counts with them."""
    report = copy.deepcopy(report)
    few = report["findings"]
    report["findings"] = []
    for number in range(count):
        finding = copy.deepcopy(few[number % len(few)])
        finding["resource"]["id"] += f"-{number}"
        report["findings"].append(finding)
    for check in report["checks"]:
        for outcome in check["counts"]:
            mine = (f for f in report["findings"] if f["rule"] == check["rule"])
            check["counts"][outcome] = sum(f["outcome"] == outcome for f in mine)
    return report


class Reader:
    """A browser with a page, and everything that the page did unasked."""

    def __init__(self, browser, path, **context):
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.unasked = []
        self.page.on("console", lambda message: self.unasked.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.unasked.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.unasked.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.unasked.append(f"popup: {popup.url}"))
        self.page.on("request", self.asked)
        self.address = path.as_uri()
        self.page.goto(self.address)

    def asked(self, request):
        if request.url.split("#")[0] != self.address:
            self.unasked.append(f"request: {request.url}")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if error[0] is None:
            none(self.unasked)
        self.context.close()

    def visible(self, selector):
        return self.page.locator(f"{selector}:visible").count()

    def run(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def shown(self):
        return self.page.locator("#shown").inner_text()

    def clear(self):
        self.page.get_by_role("button", name="Clear").press("Enter")
        self.page.wait_for_function("() => document.getElementById('shown').textContent.match(/^\\d+ verdicts/)")

    def filter(self, **fields):
        """Sets fields of the filter and waits for what it says to change."""
        before = self.shown()
        for field, value in fields.items():
            control = self.page.locator(f"#{field}")
            control.fill(value) if field == "words" else control.select_option(value)
        self.page.wait_for_function("before => document.getElementById('shown').textContent !== before", arg=before)


def none(found):
    assert found == [], found


def renders(reader, report):
    page = reader.page
    assert page.locator("h1").inner_text() == "SOC 2 evidence report"
    in_scope = [c for c in report["controls"] if c["status"] != "out_of_scope"]
    assert reader.visible(".criterion[id]") == len(in_scope)
    for control in in_scope:
        section = page.locator(f"[id='criterion-{control['id']}']")
        assert section.locator(".badge").first.text_content() == control["status"].replace("_", " "), control["id"]
    for outcome in ["fail", "unknown"]:
        wanted = sum(f["outcome"] == outcome and "waiver" not in f for f in report["findings"])
        assert page.locator(f".criterion tr[data-o={outcome}]").count() == wanted, outcome
    none(reader.run("""[...document.querySelectorAll("a[href^='#']")].map(a => a.getAttribute('href').slice(1))
        .filter(id => document.querySelectorAll(`[id="${id}"]`).length !== 1)"""))
    for written in report.get("waivers", []) + report.get("attestations", []):
        text = page.locator("#register .written", has_text=written["id"]).text_content()
        assert written.get("reason", written.get("statement")) in text and written["owner"] in text, text
    for decision in report.get("not_applicable", []):
        assert decision["reason"] in page.locator("#cover").text_content()
        assert decision["approved_by"] in page.locator("#untested").text_content()
    for control in report["controls"]:
        groups = page.locator(f"[id='criterion-{control['id']}'] .groups li")
        # What is out of scope has no page of its own.
        wanted = [] if control["status"] == "out_of_scope" else control.get("groups", [])
        assert groups.count() == len(wanted), control["id"]


def filters(reader, report):
    page = reader.page
    findings = report["findings"]
    whole = reader.shown()
    assert whole == f"{len(findings)} verdicts", whole

    fails = [f for f in findings if f["outcome"] == "fail"]
    reader.filter(outcome="fail")
    assert reader.shown().startswith(f"{len(fails)} of {len(findings)} verdicts"), reader.shown()
    assert reader.visible("tr[data-o=pass]") == 0
    assert reader.visible(".criterion tr[data-o=fail]") == len(fails)

    worst = [f for f in fails if f["severity"] in ("critical", "high")]
    reader.filter(severity="critical high")
    assert reader.shown().startswith(f"{len(worst)} of "), reader.shown()

    reader.clear()
    assert reader.shown() == whole
    name = fails[0]["resource"]["id"]
    reader.filter(words=name.upper())
    rows = page.locator(".findings tr[data-o]:visible")
    assert rows.count() > 0
    assert all(name in text for text in rows.all_text_contents()), name
    reader.filter(words="no such thing anywhere")
    assert reader.visible(".findings tr[data-o]") == 0 and reader.visible(".criterion[id]") == 0

    reader.clear()
    reader.filter(state="gap")
    gaps = [c["id"] for c in report["controls"] if c["status"] == "gap"]
    shown = page.locator(".criterion[id]:visible")
    assert [one.get_attribute("id") for one in shown.all()] == [f"criterion-{id}" for id in gaps]


def keyboard(reader, report):
    page = reader.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0, "what is focused is seen"
    page.keyboard.press("Enter")
    assert page.url.endswith("#summary")
    assert reader.run("document.getElementById('summary').getBoundingClientRect().top < innerHeight")

    page.locator("#words").focus()
    before = reader.shown()
    page.keyboard.type("backup")
    page.wait_for_function("before => document.getElementById('shown').textContent !== before", arg=before)
    for wanted in ["outcome", "severity", "state"]:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == wanted
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, "focus is seen"
    reader.clear()

    box = page.locator("details.population").first
    summary = box.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert box.get_attribute("open") is not None
    page.keyboard.press("Space")
    assert box.get_attribute("open") is None
    # A link to a folded population unfolds it, and what a link leads to is not under the filter.
    for link in ["table.checks a[href^='#population-']", "nav a[href='#criterion-A1.2']", "nav a[href='#untested']"]:
        link = page.locator(link).first
        link.focus()
        page.keyboard.press("Enter")
        target = page.locator(f"[id='{link.get_attribute('href')[1:]}']").element_handle()
        page.wait_for_function("""target => (target.tagName !== 'DETAILS' || target.open) &&
            target.getBoundingClientRect().top >= document.getElementById('filter').getBoundingClientRect().bottom - 1 &&
            target.getBoundingClientRect().top < innerHeight""", arg=target)


def reads_aloud(reader, report):
    """What a screen reader needs: one heading of each part in order, names for tables, fields and parts."""
    headings = reader.run("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => [Number(h.tagName[1]), h.textContent])")
    assert sum(level == 1 for level, _ in headings) == 1
    none([after for before, after in zip(headings, headings[1:]) if after[0] - before[0] > 1])
    unnamed = """[...document.querySelectorAll('table, nav, section.chapter, form, svg')].filter(one =>
        !(one.caption || one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') ||
          one.getAttribute('aria-hidden'))).map(one => one.outerHTML.slice(0, 80))"""
    none(reader.run(unnamed))
    assert reader.run("[...document.querySelectorAll('input, select')].every(one => one.labels.length === 1)")
    assert reader.run("document.documentElement.lang") == "en"


CONTRAST = """() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const behind = one => {
    for (let e = one; e; e = e.parentElement) {
      const found = parse(getComputedStyle(e).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  for (const one of document.querySelectorAll('body *')) {
    if (one.closest('svg, [hidden], .unseen, script, style')) continue;
    if (![...one.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.add(`${one.tagName}.${one.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""


def in_both_lights(reader, report):
    papers = []
    for scheme in ["light", "dark"]:
        reader.page.emulate_media(color_scheme=scheme)
        none(reader.run(CONTRAST))
        papers.append(reader.run("getComputedStyle(document.body).backgroundColor"))
    assert papers[0] != papers[1]
    reader.page.emulate_media(color_scheme="light")


def on_a_phone(reader, report):
    reader.page.set_viewport_size({"width": 390, "height": 844})
    assert reader.run("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
    reader.page.set_viewport_size({"width": 1280, "height": 900})


def prints(reader, report):
    # What the filter hides is on paper all the same.
    reader.filter(words="no such thing anywhere")
    folded = reader.page.locator("details:not([open])").count()
    reader.page.emulate_media(color_scheme="dark")
    pdf = reader.page.pdf(format="A4", prefer_css_page_size=True, print_background=True)
    reader.page.emulate_media(color_scheme="light")
    assert reader.page.locator("details:not([open])").count() == folded, "the page is as it was"
    assert reader.visible(".criterion[id]") == 0, "the filter is as it was"
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    text = "\n".join(pages)
    squeezed = "".join(text.split())
    assert len(pages) > 5
    assert "SOC 2 evidence report" in pages[0] and "Provided by management" in pages[0]
    assert f"2 of {len(pages)}" in pages[1], pages[1]
    for page in pages[1:]:
        assert f"UTC · snapshot {report['digests']['snapshot'][:12]}" in page, page[-200:]
    assert "Search" not in pages[0] and "Skip to the summary" not in text
    # Paper shows what is folded on screen: every resource of every population, and every condition.
    for finding in report["findings"]:
        assert finding["resource"]["id"].replace(" ", "") in squeezed, finding["resource"]["id"]
    for check in report["checks"]:
        assert "".join(check["assert"].split()) in squeezed, check["rule"]
    return pdf


def is_inert(reader, report):
    page = reader.page
    assert page.evaluate("typeof pwn") == "undefined"
    assert page.locator("img, iframe, object, embed, link, base").count() == 0
    assert page.locator("script").count() == 1
    hrefs = reader.run("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert all(href.startswith(("#", "https://")) for href in hrefs)
    assert reader.run("[...document.querySelectorAll('*')].every(e => ![...e.attributes].some(a => a.name.startsWith('on')))")
    assert "<img src=x onerror=pwn()>" in page.locator("tr[data-o]").first.text_content(), "it is shown as text"
    # Nothing that is added to the page later could run either.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.pwned=1\">')")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.pwned=1'}))")
    page.wait_for_timeout(200)
    assert page.evaluate("window.pwned") is None
    refused = [each for each in reader.unasked if "Content Security Policy" in each]
    assert refused, "the policy said nothing"
    reader.unasked = [each for each in reader.unasked if each not in refused and not each.startswith("request:")]


def without_script(reader, report):
    assert reader.visible("#filter") == 0
    assert reader.visible(".criterion[id]") > 0
    box = reader.page.locator("details.population").first
    box.locator("summary").click()
    assert box.get_attribute("open") is not None


def stays_quick(reader, report, loaded):
    assert loaded < LOADED, f"loaded in {loaded:.1f} s"
    assert "the rest is in the CSV and JSON reports" in reader.shown()
    start = time.monotonic()
    reader.filter(words="-99")
    took = time.monotonic() - start
    assert took < FILTERED, f"filtered in {took:.1f} s"
    return f"loaded in {loaded:.1f} s, filtered in {took:.1f} s"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--browser", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--shots", type=Path)
    arguments = parser.parse_args()
    gap, denied = json.loads(GAP.read_text()), json.loads(DENIED.read_text())

    def test(name, said=None):
        print(f"ok: {name}" + (f" ({said})" if said else ""), flush=True)

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write = lambda report, name: page_of(arguments.program, report, folder, name)
        browser = playwright.chromium.launch(executable_path=arguments.browser, args=FLAGS)
        for name, report in [("streampulse-gap", gap), ("denied", denied), ("answered", answered(gap))]:
            path = write(report, name)
            for each in [renders, reads_aloud, in_both_lights, on_a_phone, prints]:
                with Reader(browser, path) as reader:
                    each(reader, report)
                test(f"{name} {each.__name__}")
            if arguments.shots:
                picture(browser, path, arguments.shots, name, report)
        path = folder / "streampulse-gap.html"
        for each in [filters, keyboard]:
            with Reader(browser, path) as reader:
                each(reader, gap)
            test(each.__name__)
        with Reader(browser, path, java_script_enabled=False) as reader:
            without_script(reader, gap)
        test("without_script")
        with Reader(browser, write(hostile(answered(gap)), "hostile")) as reader:
            is_inert(reader, gap)
        test("a hostile report is_inert")
        path = write(large(gap, 100_000), "large")
        size = path.stat().st_size
        assert size < 5_000_000, size
        start = time.monotonic()
        with Reader(browser, path) as reader:
            said = stays_quick(reader, gap, time.monotonic() - start)
        test("100,000 findings stays_quick", f"{size / 1e6:.1f} MB, {said}")
        browser.close()


def picture(browser, path, folder, name, report):
    """Keeps what a reader sees: in both lights, and on paper."""
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ["light", "dark"]:
        with Reader(browser, path, color_scheme=scheme, viewport={"width": 1280, "height": 1000}) as reader:
            reader.page.screenshot(path=folder / f"{name}-{scheme}-cover.png")
            for part in ["summary", "roadmap", "criterion-A1.2", "untested", "method"]:
                reader.page.goto(f"{path.as_uri()}#{part}")
                reader.page.wait_for_timeout(200)
                reader.page.screenshot(path=folder / f"{name}-{scheme}-{part}.png")
    with Reader(browser, path) as reader:
        (folder / f"{name}.pdf").write_bytes(prints(reader, report))


if __name__ == "__main__":
    sys.exit(main())
