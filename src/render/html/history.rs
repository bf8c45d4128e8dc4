//! A history as one self-contained page for an examiner, in the style of the report: nothing is fetched, nothing runs.

use jiff::Timestamp;

use super::head;
use super::page::{Page, anchor};
use crate::examine::{ControlHistory, History, Remark};
use crate::render::history::{
    MEANS, cadence, changes, headline, interval, longest, moment, open_states, outcome, span,
};
use crate::render::text::{counted, short_name, shortened};

/// The style of reports, and what a history has beside it.
const STYLE: &str = concat!(include_str!("report.css"), include_str!("history.css"));

/// The most rows of a table, and the longest text of a cell.
const ROWS: usize = 2_000;
const LONGEST: usize = 600;

/// The width of a timeline in its own units.
const WIDTH: i64 = 1_000;

/// A chapter: where it is, its heading, and what writes it.
type Chapter = (&'static str, &'static str, fn(&mut Page, &History));

const CHAPTERS: [Chapter; 5] = [
    ("criteria", "Criteria over the period", criteria),
    ("remediation", "Time to remediate", remediation),
    ("waivers", "Waivers in force", waivers),
    ("scans", "Scans", scans),
    ("left-out", "Left out", left_out),
];

pub fn html(history: &History) -> String {
    let mut page = Page::default();
    head(&mut page, "SOC 2 evidence over a period", &[STYLE], None);
    page.raw("<a class=\"skip\" href=\"#criteria\">Skip to the criteria</a>\n");
    page.raw("<nav class=\"side\" aria-label=\"Contents\">\n<p class=\"brand\">SOC 2 history</p>\n<ol>\n");
    for (id, heading, _) in CHAPTERS {
        page.raw("<li>").link(id, heading).raw("</li>\n");
    }
    page.raw("</ol>\n</nav>\n<main>\n");
    cover(&mut page, history);
    for (id, heading, write) in CHAPTERS {
        page.open(
            "section",
            &[("class", "chapter"), ("id", id), ("aria-label", heading)],
        );
        page.element("h2", &[], heading).raw("\n");
        write(&mut page, history);
        page.raw("</section>\n");
    }
    page.raw("</main>\n</body>\n</html>\n");
    page.into_string()
}

fn cover(page: &mut Page, history: &History) {
    page.raw("<header class=\"cover\" id=\"cover\">\n<p class=\"kicker\">Configuration evidence for the Trust Services Criteria</p>\n");
    page.raw("<h1>SOC 2 evidence over a period</h1>\n");
    page.element(
        "p",
        &[("class", "lead")],
        &format!("{}.", headline(history)),
    );
    page.raw("\n<dl class=\"facts\">\n");
    for target in &history.targets {
        page.element("dt", &[], &target.target).raw("<dd>");
        page.text(&format!(
            "{} from {} to {}, longest interval {}",
            counted(target.scans, "scan"),
            moment(target.first),
            moment(target.last),
            cadence(target.longest.as_ref(), target.missed)
        ));
        page.raw("</dd>\n");
    }
    page.raw("</dl>\n<div class=\"statements\">\n<p><strong>What it says.</strong> ");
    page.text(MEANS).raw("</p>\n");
    page.raw(concat!(
        "<p><strong>Provided by management.</strong> The page is made from reports that the entity produced. It is not ",
        "an opinion: what they are worth as evidence is for an independent auditor to conclude.</p>\n",
        "<p><strong>Unknown is no evidence.</strong> A scan that left a criterion unknown does not count as a look at ",
        "it: intervals are between scans that decided it, and between those and the edges of the period.</p>\n",
        "</div>\n</header>\n"
    ));
}

fn criteria(page: &mut Page, history: &History) {
    page.raw("<p>A state holds from a scan until the next one. The bars show the states in time, the strokes the scans; the same is in words beside them.</p>\n");
    page.table(
        "plain",
        "Each criterion in scope",
        &["Criterion", "What was noted", "Scans", "Longest interval"],
    );
    for control in history.controls.iter().filter(|control| control.scans > 0) {
        page.open("tr", &[("id", &anchor("criterion", &control.id))]);
        page.raw("<th scope=\"row\"><span class=\"name\">")
            .text(&control.id)
            .raw("</span><br>");
        page.text(&control.title).raw("</th><td>");
        page.element("strong", &[], &control.noted);
        timeline(page, history, control);
        let states: Vec<_> = open_states(control).collect();
        if !states.is_empty() || !control.waivers.is_empty() {
            page.raw("<ul class=\"points\">");
            for state in &states {
                page.element("li", &[], &interval(state));
            }
            for waiver in &control.waivers {
                page.raw("<li>waiver ");
                page.link("waivers", waiver).raw("</li>");
            }
            page.raw("</ul>");
        }
        page.raw("</td><td>").number(control.scans);
        if control.decided < control.scans {
            page.raw(", ").number(control.decided).raw(" decided");
        }
        if let (Some(first), Some(last)) = (control.first, control.last) {
            page.raw("<br><span class=\"note\">").text(&moment(first));
            page.raw(" to ").text(&moment(last)).raw("</span>");
        }
        page.raw("</td><td>");
        match &control.longest {
            Some(long) if control.missed > 0 => {
                page.element("span", &[("class", "long")], &longest(long));
                page.raw("<br>").text(&format!(
                    "{} longer than {}",
                    counted(control.missed, "interval"),
                    history.cadence
                ));
            }
            Some(long) => {
                page.text(&longest(long));
            }
            None => {
                page.raw("one scan, no interval");
            }
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
    let beside: Vec<_> = history
        .controls
        .iter()
        .filter(|control| control.scans == 0)
        .map(|control| control.id.as_str())
        .collect();
    if !beside.is_empty() {
        page.raw("<p class=\"note\">Not in scope in any scan: ");
        page.text(&beside.join(", ")).raw("</p>\n");
    }
}

/// The states of a criterion on a line from the beginning of the period, or of the scans, to its end.
fn timeline(page: &mut Page, history: &History, control: &ControlHistory) {
    let Some((first, last)) = history.span() else {
        return;
    };
    let period = history.period.as_ref();
    let (start, end) = period.map_or((first, last), |period| (period.from, period.until));
    let start = start.as_second();
    let length = (end.as_second() - start).max(1);
    let at = |moment: Timestamp| (moment.as_second() - start).clamp(0, length) * WIDTH / length;
    page.open(
        "svg",
        &[
            ("class", "timeline"),
            ("viewBox", "0 0 1000 24"),
            ("preserveAspectRatio", "none"),
            ("role", "img"),
            ("aria-label", &control.noted),
        ],
    );
    for state in &control.states {
        let from = at(state.from);
        // What held at the last scan is drawn up to it: nobody looked after.
        let to = at(state.to.unwrap_or(last)).max(from);
        page.open("g", &[("class", state.status.as_str())]);
        page.open(
            "rect",
            &[
                ("x", &from.to_string()),
                ("width", &(to - from).to_string()),
                ("height", "24"),
            ],
        );
        page.raw("</rect></g>");
    }
    page.raw("<g class=\"scans\">");
    for scan in &history.scans {
        let x = at(scan.at).to_string();
        page.open("rect", &[("x", &x), ("width", "2"), ("height", "24")]);
        page.raw("</rect>");
    }
    page.raw("</g>");
    page.raw("</svg>");
}

fn remediation(page: &mut Page, history: &History) {
    if history.remediation.is_empty() {
        page.raw("<p>No scan found a failure.</p>\n");
        return;
    }
    page.raw("<p>From the first scan that found a failure to the first that did not. One that the first scan of all found may be older. What was not looked at, or could not be decided, ends no failure.</p>\n");
    let heads = ["Severity", "Ended", "Half within", "All within", "Open"];
    page.table("plain", "By severity", &heads);
    for times in &history.times {
        let took = |seconds: Option<i64>| seconds.map_or("none ended".to_owned(), span);
        page.raw("<tr>")
            .element("th", &[("scope", "row")], times.severity.as_str());
        page.raw("<td class=\"n\">")
            .number(times.ended)
            .raw("</td>");
        page.element("td", &[], &took(times.median_seconds));
        page.element("td", &[], &took(times.longest_seconds));
        page.raw("<td class=\"n\">")
            .number(times.open)
            .raw("</td></tr>\n");
    }
    page.end_table();
    let heads = [
        "Resource",
        "Rule",
        "Severity",
        "Found",
        "What came of it",
        "Waiver",
    ];
    page.table("plain", "Every failure, the most severe first", &heads);
    for failure in history.remediation.iter().take(ROWS) {
        page.raw("<tr><th scope=\"row\">");
        match &failure.resource {
            Some(subject) => {
                page.element("span", &[("class", "name")], &short_name(subject));
                page.raw("<br>").element(
                    "code",
                    &[("class", "id")],
                    &shortened(subject.id.as_str(), LONGEST),
                );
            }
            None => {
                page.raw("the check as a whole");
            }
        }
        page.raw("</th><td>").element("code", &[], &failure.rule);
        page.raw("</td>")
            .element("td", &[], failure.severity.as_str());
        page.element("td", &[], &moment(failure.found));
        page.element("td", &[], &outcome(failure));
        page.element("td", &[], failure.waiver.as_deref().unwrap_or_default());
        page.raw("</tr>\n");
    }
    page.end_table();
    page.more(history.remediation.len(), ROWS);
}

fn waivers(page: &mut Page, history: &History) {
    if history.waivers.is_empty() {
        page.raw("<p>No waiver was in force in any scan.</p>\n");
        return;
    }
    let heads = [
        "Waiver",
        "Check",
        "In force",
        "Most findings",
        "Expires",
        "Approved by",
        "Owner",
        "Reason",
    ];
    page.table("plain", "Waivers that were in force in a scan", &heads);
    for waiver in history.waivers.iter().take(ROWS) {
        page.raw("<tr>");
        page.element("th", &[("scope", "row")], &waiver.id);
        page.raw("<td>")
            .element("code", &[], &waiver.check)
            .raw("</td>");
        let force = format!(
            "{}, {} to {}",
            counted(waiver.scans, "scan"),
            moment(waiver.first),
            moment(waiver.last)
        );
        page.element("td", &[], &force);
        page.raw("<td class=\"n\">")
            .number(waiver.applied)
            .raw("</td>");
        page.element("td", &[], &waiver.expires);
        page.element(
            "td",
            &[],
            &format!("{} on {}", waiver.approved_by, waiver.approved_on),
        );
        page.element("td", &[], &waiver.owner);
        let reason: Vec<_> = waiver.reason.split_whitespace().collect();
        page.element("td", &[], &shortened(&reason.join(" "), LONGEST));
        page.raw("</tr>\n");
    }
    page.end_table();
    page.more(history.waivers.len(), ROWS);
}

fn scans(page: &mut Page, history: &History) {
    let changes = changes(history);
    if changes.is_empty() {
        page.raw("<p>Every scan looked at the same, by the same rules.</p>\n");
    } else {
        let heads = ["From", "What"];
        page.table("plain", "What changed about the scans", &heads);
        for [at, what] in changes.iter().take(ROWS) {
            page.raw("<tr>").element("th", &[("scope", "row")], at);
            page.element("td", &[], &shortened(what, LONGEST))
                .raw("</tr>\n");
        }
        page.end_table();
        page.more(changes.len(), ROWS);
    }
    let heads = [
        "Scan",
        "Where",
        "With what",
        "Rules run",
        "Fail",
        "Unknown",
        "Read from, and its digests",
    ];
    page.table("plain", "Every scan", &heads);
    for scan in history.scans.iter().take(ROWS) {
        page.raw("<tr>")
            .element("th", &[("scope", "row")], &moment(scan.at));
        page.element("td", &[], &shortened(&scan.targets.join(", "), LONGEST));
        page.element("td", &[], &scan.tool);
        for count in [scan.rules_run, scan.failing, scan.unknown] {
            page.raw("<td class=\"n\">").number(count).raw("</td>");
        }
        page.raw("<td>").text(&shortened(&scan.source, LONGEST));
        for (what, digest) in [("snapshot", &scan.snapshot), ("rules", &scan.rulebook)] {
            page.raw("<br><span class=\"note\">")
                .raw(what)
                .raw("</span> ");
            page.element("code", &[("class", "id")], digest);
        }
        page.raw("</td></tr>\n");
    }
    page.end_table();
    page.more(history.scans.len(), ROWS);
}

fn left_out(page: &mut Page, history: &History) {
    if !history.chain.is_empty() {
        page.raw("<p class=\"cut\"><strong>The chain of the bundles breaks</strong>: one was altered, or is missing.</p>\n");
        remarks(page, "Where the chain breaks", &history.chain);
    }
    match history.left_out.as_slice() {
        [] => {
            page.raw("<p>Everything that was found is in this history.</p>\n");
        }
        left_out => remarks(page, "What was found and is no scan here", left_out),
    }
}

fn remarks(page: &mut Page, caption: &'static str, remarks: &[Remark]) {
    page.table("plain", caption, &["What", "Why"]);
    for remark in remarks.iter().take(ROWS) {
        page.raw("<tr>").element(
            "th",
            &[("scope", "row")],
            &shortened(&remark.source, LONGEST),
        );
        page.element("td", &[], &shortened(&remark.why, LONGEST))
            .raw("</tr>\n");
    }
    page.end_table();
    page.more(remarks.len(), ROWS);
}
