//! The HTML report: its golden file, and that it fetches nothing, runs nothing of the data, and stays small.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use soc2scan::model::{Outcome, Report, ResourceId, Target};
use soc2scan::render::{Format, Look};

use crate::render::{dark, full, golden, hostile, many_waivers, render};
use crate::small;

fn html(report: &Report) -> String {
    render(report, Format::Html, &Look::PLAIN)
}

/// The page without its style and its script.
fn body(page: &str) -> String {
    let inline = Regex::new("(?s)<(style|script)>.*?</(style|script)>").unwrap();
    inline.replace_all(page, "").into_owned()
}

/// Every tag with its attributes: (name, attributes).
pub fn tags(page: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let tag = Regex::new("<(/?[a-z!][a-z0-9]*)((?: [a-zA-Z-]+(?:=\"[^\"]*\")?)*)>").unwrap();
    let attribute = Regex::new(" ([a-zA-Z-]+)(?:=\"([^\"]*)\")?").unwrap();
    let text = body(page);
    assert_eq!(
        tag.find_iter(&text).count(),
        text.matches('<').count(),
        "a < that is no tag"
    );
    tag.captures_iter(&text)
        .map(|found| {
            let attributes = attribute.captures_iter(&found[2]).map(|found| {
                let value = found.get(2).map_or("", |value| value.as_str());
                (found[1].to_owned(), value.to_owned())
            });
            (found[1].to_owned(), attributes.collect())
        })
        .collect()
}

#[test]
fn page() {
    golden("report.html", &html(&small::report()));
}

#[test]
fn elements_are_closed_in_the_order_in_which_they_are_opened() {
    for report in [small::report(), dark(), full(), hostile(&full())] {
        let mut open = Vec::new();
        for (name, _) in tags(&html(&report)) {
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                None if ["!doctype", "meta", "br", "wbr", "input"].contains(&name.as_str()) => {}
                None => open.push(name),
            }
        }
        assert_eq!(open, Vec::<String>::new());
    }
}

#[test]
fn the_policy_allows_the_pages_own_style_and_script_and_nothing_else() {
    use base64::Engine;
    use sha2::{Digest, Sha256};

    let page = html(&small::report());
    let policy = tags(&page)
        .into_iter()
        .find_map(|(_, attributes)| attributes.get("content").cloned())
        .unwrap();
    assert!(policy.contains("default-src &#39;none&#39;"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, count) in [("style", 2), ("script", 1)] {
        let inline = Regex::new(&format!("(?s)<{name}>(.*?)</{name}>")).unwrap();
        let hashes = inline.captures_iter(&page).map(|inside| {
            let hash = Sha256::digest(&inside[1]);
            let hash = base64::engine::general_purpose::STANDARD.encode(hash);
            format!(" &#39;sha256-{hash}&#39;")
        });
        let hashes: Vec<_> = hashes.collect();
        assert_eq!(hashes.len(), count);
        let allowed = format!("; {name}-src{};", hashes.concat());
        assert!(policy.contains(&allowed), "{allowed}");
    }
}

#[test]
fn each_printed_page_has_the_moment_and_the_snapshot_at_its_foot() {
    let mut report = small::report();
    let page = html(&report);
    let digest = &report.digests.snapshot[..12];
    let foot = format!("2026-01-15 12:00:00 UTC · snapshot {digest}\";");
    assert!(page.contains(&foot), "{foot}");
    report.digests.snapshot = "a\"; } } </style><script>b".to_owned();
    let page = html(&report);
    assert!(
        page.contains("· snapshot aecb\"; letter-spacing: .01em; } }\n</style>"),
        "only digits"
    );
}

#[test]
fn nothing_is_fetched_and_no_data_becomes_markup() {
    let known: BTreeSet<String> = tags(&html(&full()))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for report in [full(), hostile(&full())] {
        let page = html(&report);
        for forbidden in ["@import", "url(", "<link", "<iframe", "<img"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert_eq!(page.matches("<script").count(), 1);
        for (name, attributes) in tags(&page) {
            assert!(known.contains(&name), "{name}");
            for (attribute, value) in attributes {
                assert!(
                    !attribute.starts_with("on") && !["style", "src"].contains(&attribute.as_str()),
                    "{attribute}"
                );
                if attribute == "href" {
                    assert!(
                        name == "a" && (value.starts_with('#') || value.starts_with("https://")),
                        "{name} {value}"
                    );
                }
            }
        }
        assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{2060}', '\r']));
    }
}

#[test]
fn every_link_on_the_page_leads_somewhere_and_every_place_is_there_once() {
    let mut wrong = crate::waiver_states::report();
    wrong
        .waivers
        .iter_mut()
        .filter(|waiver| waiver.id == "W-invalid")
        .for_each(|waiver| {
            waiver.check = "no.such.check".to_owned();
            waiver.id = "W-expired".to_owned();
        });
    for report in [small::report(), dark(), full(), wrong] {
        let tags = tags(&html(&report));
        let mut places = BTreeSet::new();
        for (name, attributes) in &tags {
            if let Some(id) = attributes.get("id") {
                assert!(places.insert(id.as_str()), "{name} {id} twice");
            }
        }
        for (_, attributes) in &tags {
            if let Some(place) = attributes
                .get("href")
                .and_then(|href| href.strip_prefix('#'))
            {
                assert!(places.contains(place), "{place}");
            }
        }
    }
}

#[test]
fn what_an_auditor_asks_for_is_there() {
    let page = html(&full());
    for expected in [
        // who, where, with what, how far it goes
        "arn:aws:sts::123456789012:assumed-role/auditor/ci@example.com",
        "us-east-1, us-west-2",
        "2026-01-15 12:00:00 UTC",
        "soc2scan 0.0.0",
        "Provided by management",
        "A point in time",
        "is for an independent auditor to conclude",
        // exceptions, populations, method
        "RDS storage is encrypted: 7 exceptions of 8",
        "resource.StorageEncrypted == true",
        "population 8, 7 fail, 1 pass",
        "waiver <code>W-1</code>",
        "denied: kms:GetKeyRotationStatus",
        "<dt>Read by</dt><dd>rds:DescribeDBInstances</dd>",
        // not tested
        "no kubeconfig",
        "The scan was stopped before its end",
        "eks:ListClusters",
        "on a string",
        "carve-out",
        "no aws.logs.LogGroup exists",
    ] {
        assert!(
            page.contains(expected)
                || page.contains(
                    &expected.replace("aws.logs.LogGroup", "<code>aws.logs.LogGroup</code>")
                ),
            "{expected}"
        );
    }
    let text = body(&page).to_lowercase();
    for word in ["compliant", "certified", "%"] {
        assert!(!text.contains(word), "{word}");
    }
    let places = tags(&page)
        .into_iter()
        .filter_map(|(_, attributes)| attributes.get("id").cloned());
    let criteria = places.filter(|id| id.starts_with("criterion-") && !id.ends_with("-h"));
    assert_eq!(criteria.count(), 61, "every criterion has its place");
}

#[test]
fn a_hundred_thousand_findings_stay_under_five_megabytes() {
    let mut report = small::report();
    let findings = std::mem::take(&mut report.findings);
    for number in 0..100_000 {
        let mut finding = findings[number % findings.len()].clone();
        let id = finding.resource.id.as_str();
        finding.resource.id = ResourceId::new(format!("{id}-{number}"));
        report.findings.push(finding);
    }
    for check in &mut report.checks {
        let mine = report
            .findings
            .iter()
            .filter(|finding| finding.rule == check.rule);
        check.counts = Default::default();
        for finding in mine {
            check.counts.add(finding.outcome);
        }
    }
    let page = html(&report);
    assert!(page.len() < 5_000_000, "{}", page.len());
    assert!(page.contains("more exceptions would make the page too large"));
    assert!(page.contains("more resources would make the page too large"));
    for check in report.checks.iter().filter(|check| check.counts.fail > 0) {
        let section = page
            .split_once(&format!("id=\"population-{}\"", check.rule))
            .unwrap()
            .1
            .split_once("</details>")
            .unwrap()
            .0;
        assert!(
            section.contains("data-o=\"fail\""),
            "{} shows none",
            check.rule
        );
    }
    assert!(page.contains("too large: the CSV and JSON reports list every one."));
    let beside = soc2scan::render::page_beside(&report, "javascript:a b.csv");
    let beside = String::from_utf8(beside).unwrap();
    let link =
        "too large: <a href=\"./javascript%3Aa%20b.csv\">javascript:a b.csv</a> lists every one.";
    assert!(beside.contains(link));
    let fails = report
        .findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Fail);
    assert!(fails.count() > 10_000);
}

#[test]
fn a_population_that_was_not_read_is_never_called_empty() {
    let page = html(&dark());
    assert!(!page.contains("The population is empty"));
    assert!(page.contains(">not read</a>"));
    assert!(page.contains("The list of resources is not complete"));
    let table = page.split_once("Coverage: what was read").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    assert!(!table.contains("<td class=\"n\">0</td>"), "{table}");
    assert!(html(&small::report()).contains("The population is empty"));
}

#[test]
fn the_method_claims_no_more_than_was_done() {
    for report in [small::report(), dark()] {
        let page = html(&report);
        assert!(page.contains("what <a href=\"#coverage\">Coverage</a> says was read"));
        assert!(!page.contains("every resource of the kinds"));
        assert!(page.contains("read-only APIs") && page.contains("--replay"));
        assert!(page.contains("own accounts and clusters"));
    }
    let mut report = small::report();
    report.targets = vec![Target::Manifests {
        cluster: "manifests".to_owned(),
        paths: vec!["deploy".to_owned()],
        files: 3,
    }];
    let page = html(&report);
    for untrue in ["read-only APIs", "--replay", "accounts and clusters"] {
        assert!(!page.contains(untrue), "{untrue}");
    }
    assert!(page.contains("asked no cluster and no provider"));
    assert!(page.contains("produced from its own manifests"));
}

#[test]
fn a_condition_of_several_lines_is_shown_without_escapes() {
    let mut report = small::report();
    let check = &mut report.checks[0];
    check.applies = Some("resource.a == 1 &&\n  resource.b == 2\n".to_owned());
    check.counts.not_applicable = 1;
    let page = body(&html(&report));
    assert!(page.contains("<code>resource.a == 1 &amp;&amp; resource.b == 2</code>"));
}

#[test]
fn thousands_of_waivers_stay_under_five_megabytes_and_what_is_cut_is_said() {
    let report = many_waivers(6_000);
    let page = html(&report);
    assert!(page.len() < 1_500_000, "{}", page.len());
    let register = page
        .split_once("<section class=\"chapter\" id=\"register\"")
        .unwrap();
    let register = register.1.split_once("</section>").unwrap().0;
    let shown = register.matches("<div class=\"written\"").count();
    assert!(shown > 100, "{shown}");
    let cut = format!(
        "{} more waivers would make the page too large",
        6_000 - shown
    );
    assert!(register.contains(&cut), "{cut}");
    assert!(page.contains("waiver <code><a href=\"#waiver-W-1\">W-1</a>"));
    // What is not on the page is named, and no link leads to it.
    let mut report = report;
    for finding in &mut report.findings {
        finding.waiver = finding.waiver.take().map(|_| "W-5999".to_owned());
    }
    let page = html(&report);
    assert!(page.contains("waiver <code>W-5999</code> until 2026-06-30"));
    assert!(!page.contains("#waiver-W-5999"));
}
