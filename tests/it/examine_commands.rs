//! `diff`, `history`, `sample` and the baseline of `check`, from the command line: exit codes, messages, what is read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::Value;
use soc2scan::bundle::{REPORT, SUMS, sums};

use crate::cli::{Ran, refused, soc2scan};
use crate::small;

fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path: PathBuf = root.join("fixtures").join(name).join("report.json");
    path.display().to_string()
}

/// A Deployment that fails for its one replica, under two lines of comment where `moved`.
fn workload(name: &str, moved: bool) -> String {
    let comment = if moved { "# moved\n# down\n" } else { "" };
    format!(
        "{comment}apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: 1\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec:\n      containers: [{{name: c, image: x}}]\n"
    )
}

fn check(folder: &Path, arguments: &[&str]) -> Ran {
    let rules = [
        "check",
        "--manifests",
        "m",
        "--rule",
        "k8s.deploy.min_replicas",
    ];
    soc2scan(folder, &[], &[&rules, arguments].concat())
}

/// A folder of manifests with one failing workload, and its report as a baseline.
fn with_baseline() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("m")).unwrap();
    fs::write(folder.path().join("m/a.yaml"), workload("shop", false)).unwrap();
    let ran = check(folder.path(), &["-o", "known.json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    folder
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

#[test]
fn the_gate_counts_only_what_is_new_and_lists_the_old() {
    let folder = with_baseline();
    let gated = || check(folder.path(), &["--baseline", "known.json"]);
    let same = gated();
    assert_eq!(same.code, 0, "{}", same.out);
    assert!(
        same.out
            .contains("Deployment/shop (default, m/a.yaml:1) [baseline]")
    );
    assert!(
        same.out.contains("1 finding fails, not new"),
        "{}",
        same.out
    );

    fs::remove_file(folder.path().join("m/a.yaml")).unwrap();
    write(&folder, "m/z.yaml", &workload("shop", true));
    assert_eq!(gated().code, 0, "only the line and the file moved");

    write(&folder, "m/blog.yaml", &workload("blog", false));
    let new = gated();
    assert_eq!(new.code, 1);
    assert!(
        new.out.contains("2 findings fail, 1 of them new"),
        "{}",
        new.out
    );
    assert_eq!(
        check(
            folder.path(),
            &["--baseline", "known.json", "--min-severity", "critical"]
        )
        .code,
        0
    );
}

#[test]
fn the_same_object_written_twice_is_new_once() {
    let folder = with_baseline();
    write(&folder, "m/0.yaml", &workload("shop", false));
    let ran = check(
        folder.path(),
        &["--baseline", "known.json", "--format", "json"],
    );
    assert_eq!(ran.code, 1, "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let states: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["baseline"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["unchanged", "new"]);
}

#[test]
fn what_newly_cannot_be_read_is_new() {
    let folder = with_baseline();
    write(&folder, "m/broken.yaml", "kind: [");
    let ran = check(
        folder.path(),
        &["--baseline", "known.json", "-o", "unread.json"],
    );
    assert_eq!(ran.code, 2, "{}", ran.out);
    let again = check(folder.path(), &["--baseline", "unread.json"]);
    assert_eq!(
        again.code, 0,
        "it could not be read then either: {}",
        again.out
    );
    fs::remove_file(folder.path().join("m/broken.yaml")).unwrap();
    fs::remove_file(folder.path().join("m/a.yaml")).unwrap();
    write(&folder, "m/other.yaml", &workload("other", false));
    let gone = check(folder.path(), &["--baseline", "known.json"]);
    assert_eq!(gone.code, 1);
    assert!(
        gone.out
            .contains("disappeared        k8s.deploy.min_replicas: Deployment/shop")
    );
}

#[test]
fn a_baseline_that_is_none_is_an_error_and_never_no_baseline() {
    let folder = with_baseline();
    refused(
        &check(folder.path(), &["--baseline", "none.json"]),
        &["cannot read none.json"],
    );
    write(&folder, "empty.json", "{}");
    refused(
        &check(folder.path(), &["--baseline", "empty.json"]),
        &["empty.json is not a report"],
    );
    let other = fixture("streampulse-gap");
    let ran = check(folder.path(), &["--baseline", &other, "-o", "r.json"]);
    assert_eq!(ran.code, 64);
    for part in [
        "the baseline is of AWS account 123456789012",
        "not of manifests",
    ] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    // What was scanned is not lost.
    assert!(ran.out.contains("Deployment/shop"), "{}", ran.out);
    let report = fs::read_to_string(folder.path().join("r.json")).unwrap();
    assert!(!report.contains("\"baseline\""));
}

#[test]
fn the_configuration_names_a_baseline_from_its_own_folder() {
    let folder = with_baseline();
    fs::create_dir(folder.path().join("ci")).unwrap();
    write(&folder, "ci/soc2scan.yaml", "baseline: ../known.json\n");
    let ran = check(folder.path(), &["--config", "ci/soc2scan.yaml"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn a_bundle_that_is_an_archive_is_read_as_well() {
    let folder = with_baseline();
    let ran = check(
        folder.path(),
        &["--bundle", "scans/a.tar.zst", "--baseline", "known.json"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let run = |arguments: &[&str]| soc2scan(folder.path(), &[], arguments);
    let diff = run(&["diff", "known.json", "scans/a.tar.zst"]);
    assert!(
        diff.out.contains("Nothing changed."),
        "{}{}",
        diff.out,
        diff.err
    );
    let history = run(&["history", "scans"]);
    assert!(
        history.out.contains("1 scan, one wanted"),
        "{}{}",
        history.out,
        history.err
    );
    write(&folder, "scans/b.tar.zst", "cut");
    let history = run(&["history", "scans"]);
    assert!(
        history.out.contains("b.tar.zst  scans/b.tar.zst is"),
        "{}",
        history.out
    );
    refused(
        &run(&["diff", "known.json", "scans/b.tar.zst"]),
        &["scans/b.tar.zst is"],
    );
}

#[test]
fn a_stored_report_is_marked_against_a_stored_baseline() {
    let folder = with_baseline();
    write(&folder, "m/blog.yaml", &workload("blog", false));
    check(folder.path(), &["-o", "now.json"]);
    let marked = |baseline: &str| {
        let arguments = ["report", "now.json", "--baseline", baseline];
        soc2scan(folder.path(), &[], &arguments)
    };
    let ran = marked("known.json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("2 findings fail, 1 of them new"),
        "{}",
        ran.out
    );
    refused(
        &marked(&fixture("denied")),
        &["the baseline is of AWS account"],
    );
}

/// A bundle of a report and its sum.
fn sealed(folder: &Path, name: &str) {
    fs::create_dir_all(folder.join("report")).unwrap();
    let report = fs::read(fixture(name)).unwrap();
    fs::write(folder.join(REPORT), &report).unwrap();
    let files = [(REPORT.to_owned(), report)].into();
    fs::write(folder.join(SUMS), sums(&files)).unwrap();
}

#[test]
fn a_bundle_that_was_altered_counts_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| soc2scan(folder.path(), &[], arguments);
    let bundle = folder.path().join("scans/bundle");
    sealed(&bundle, "streampulse-gap");
    fs::copy(
        fixture("streampulse-gap"),
        folder.path().join("scans/other.json"),
    )
    .unwrap();
    let gap = fixture("streampulse-gap");
    assert_eq!(run(&["diff", "scans/bundle", &gap]).code, 0);

    let report = fs::read_to_string(bundle.join(REPORT)).unwrap();
    let better = report.replace("\"gap\"", "\"met\"");
    fs::write(bundle.join(REPORT), better).unwrap();
    let why = "scans/bundle is not as it was written: report/report.json has the SHA-256";
    refused(&run(&["diff", "scans/bundle", &gap]), &[why]);
    refused(&run(&["report", "scans/bundle"]), &[why]);
    let history = run(&["history", "scans"]);
    assert!(
        history.out.contains("not as it was written") && history.out.contains("1 scan, one wanted"),
        "{}",
        history.out
    );

    // The folder is a link out of the bundle.
    fs::remove_dir_all(bundle.join("report")).unwrap();
    fs::create_dir(folder.path().join("elsewhere")).unwrap();
    fs::write(folder.path().join("elsewhere/report.json"), report).unwrap();
    symlink("../../elsewhere", bundle.join("report")).unwrap();
    refused(
        &run(&["diff", "scans/bundle", &gap]),
        &["not as it was written: report is a link"],
    );
}

#[test]
fn a_history_says_where_the_chain_of_its_bundles_breaks() {
    let folder = with_baseline();
    for name in ["a", "b"] {
        let into = format!("{name}/{name}.tar.zst");
        let ran = check(folder.path(), &["--bundle", &into]);
        assert_eq!(ran.code, 1, "{}", ran.err);
    }
    fs::rename(
        folder.path().join("a/a.tar.zst"),
        folder.path().join("b/a.tar.zst"),
    )
    .unwrap();
    for format in ["table", "json", "html", "csv"] {
        let ran = soc2scan(folder.path(), &[], &["history", "b", "--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        // A table of values has no place for it.
        let told = if format == "csv" { &ran.err } else { &ran.out };
        let words: Vec<_> = told.split_whitespace().collect();
        let told = words.join(" ");
        assert!(
            told.contains("one of 2 that follow none"),
            "{format}: {told}"
        );
    }
}

#[test]
fn diff_reads_reports_snapshots_and_bundles() {
    let folder = tempfile::tempdir().unwrap();
    sealed(&folder.path().join("bundle"), "streampulse-compliant");
    let snapshot = small::snapshot();
    fs::write(folder.path().join("a.jsonl"), snapshot.to_json_lines()).unwrap();
    let gap = fixture("streampulse-gap");
    let diff = |arguments: &[&str]| soc2scan(folder.path(), &[], &[&["diff"], arguments].concat());

    let ran = diff(&["bundle", &gap]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("worse    CC6.2"), "{}", ran.out);
    assert!(
        ran.out
            .contains("note: only before: AWS account 210987654321")
    );
    assert_eq!(diff(&["bundle", &gap, "--exit-code"]).code, 1);
    assert_eq!(diff(&[&gap, &gap, "--exit-code"]).code, 0);
    let denied = fixture("denied");
    assert_eq!(diff(&[&gap, &denied, "--exit-code"]).code, 2);
    let json = diff(&[&gap, "bundle", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["schema"], "soc2scan.diff/v1");

    let ran = diff(&["a.jsonl", "a.jsonl"]);
    assert!(
        ran.out.contains("Nothing changed."),
        "{}{}",
        ran.out,
        ran.err
    );
    refused(
        &diff(&["a.jsonl", &gap]),
        &["a report cannot be compared with a snapshot"],
    );
    refused(&diff(&["nowhere", &gap]), &["cannot read nowhere"]);
    let cut: String = snapshot.to_json_lines().chars().take(5_000).collect();
    fs::write(folder.path().join("cut.jsonl"), cut).unwrap();
    refused(
        &diff(&["a.jsonl", "cut.jsonl"]),
        &["cut.jsonl does not hold to soc2scan.snapshot/v1: line"],
    );
    let mut twice = snapshot.to_json_lines();
    let last = twice.lines().last().unwrap_or_default().to_owned();
    twice.push_str(&last);
    fs::write(folder.path().join("twice.jsonl"), twice).unwrap();
    refused(
        &diff(&["a.jsonl", "twice.jsonl"]),
        &["twice.jsonl does not hold to", "stands twice"],
    );
}

#[test]
fn a_history_is_of_a_folder_and_says_what_it_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let scans = folder.path().join("scans");
    fs::create_dir_all(scans.join("tape")).unwrap();
    sealed(&scans.join("bundle"), "streampulse-gap");
    fs::copy(fixture("streampulse-gap"), scans.join("again.json")).unwrap();
    fs::copy(fixture("streampulse-compliant"), scans.join("other.json")).unwrap();
    fs::write(scans.join("broken.json"), "{").unwrap();
    fs::write(scans.join("notes.txt"), "").unwrap();
    let history =
        |arguments: &[&str]| soc2scan(folder.path(), &[], &[&["history"], arguments].concat());
    let ran = history(&["scans", "--target", "123456789012"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for expected in [
        "1 scan, one wanted every 1d",
        "the same scan as again.json",
        "not JSON",
        "neither a JSON report nor a bundle",
        "not of 123456789012",
        "a folder that is no bundle",
        "exceptions noted in 1 of 1 scan",
    ] {
        assert!(ran.out.contains(expected), "{expected}\n{}", ran.out);
    }
    let csv = history(&["scans", "--format", "csv", "--cadence", "2w"]);
    assert_eq!(csv.out.lines().count(), 62);
    assert!(
        csv.err
            .contains("left out: notes.txt: neither a JSON report nor a bundle"),
        "{}",
        csv.err
    );
    fs::write(
        folder.path().join("soc2scan.yaml"),
        "audit_period: { start: 2026-01-01, end: 2026-12-31 }\n",
    )
    .unwrap();
    let ran = history(&["scans"]);
    assert!(
        ran.out.contains("Period 2026-01-01 to 2026-12-31: 2 scans"),
        "{}",
        ran.out
    );
    refused(
        &history(&["scans", "--period", "2025-01-01..2025-12-31"]),
        &["there is no scan to tell of in scans", "outside the period"],
    );
    refused(
        &history(&["scans", "--period", "2025"]),
        &["2026-01-01..2026-06-30"],
    );
    refused(
        &history(&["scans", "--period", "2026-02-01..2026-01-01"]),
        &["ends before it begins"],
    );
    refused(&history(&["scans", "--cadence", "daily"]), &["12h, 1d, 2w"]);
    refused(&history(&["nowhere"]), &["cannot read the folder nowhere"]);
}

/// Makes every count of a value as large as it can be.
fn inflate(value: &mut Value) {
    match value {
        Value::Number(_) => *value = u64::MAX.into(),
        Value::Array(items) => items.iter_mut().for_each(inflate),
        Value::Object(fields) => fields.values_mut().for_each(inflate),
        _ => {}
    }
}

#[test]
fn a_report_with_the_largest_numbers_is_shown_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["streampulse-gap", "denied"] {
        let text = fs::read_to_string(fixture(name)).unwrap();
        let mut report: Value = serde_json::from_str(&text).unwrap();
        inflate(&mut report);
        write(&folder, "large.json", &report.to_string());
        let run = |arguments: &[&str]| {
            let ran = soc2scan(folder.path(), &[], arguments);
            assert!([0, 1].contains(&ran.code), "{arguments:?} {}", ran.err);
        };
        let report = serde_json::from_value(report).unwrap();
        for format in soc2scan::render::Format::ALL {
            soc2scan::render::render(&report, format, &soc2scan::render::Look::PLAIN);
        }
        for format in ["table", "markdown", "json"] {
            run(&[
                "diff",
                "large.json",
                &fixture("streampulse-compliant"),
                "--format",
                format,
            ]);
        }
        for format in ["table", "html", "csv", "json"] {
            run(&["history", ".", "--format", format]);
        }
    }
}

/// The population and the sample that docs/sampling.md shows.
const POPULATION: &str = "resource_id,outcome\norders,fail\ntenant-1,pass\ntenant-2,pass\ntenant-3,pass\nanalytics,pass\n";

fn sample(folder: &Path, arguments: &[&str]) -> Ran {
    let all = [&["sample", "--seed", "4711"], arguments].concat();
    soc2scan(folder, &[], &all)
}

#[test]
fn a_sample_is_the_one_that_the_document_shows() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "p.csv", POPULATION);
    let ran = sample(
        folder.path(),
        &["--population", "p.csv", "-n", "2", "--format", "json"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let drawn: Value = serde_json::from_str(&ran.out).unwrap();
    let picked = drawn["picked"].as_array().unwrap();
    let picked: Vec<_> = picked
        .iter()
        .map(|picked| {
            (
                picked["id"].as_str().unwrap(),
                picked["sha256"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (
            "tenant-3",
            "082a29d17e61125537d25c4346f8cc47a332663062d45bec9d0fff506c298f99",
        ),
        (
            "tenant-2",
            "50d29ca4e77a90efe10cbcecd1582131c97be31c481e7127ab2211c4af57c9c1",
        ),
    ];
    assert_eq!(picked, expected);
    assert_eq!((&drawn["population"], &drawn["n"]), (&5.into(), &2.into()));
    assert_eq!(drawn["seed"], "4711");
    assert_eq!(
        drawn["source_sha256"],
        soc2scan::model::sha256(POPULATION.as_bytes())
    );
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sampling.md")).unwrap();
    for (id, digest) in expected {
        assert!(page.contains(id) && page.contains(digest), "{id} {digest}");
    }
    assert!(page.contains(POPULATION), "the population");
    assert!(page.contains(soc2scan::examine::ALGORITHM));
}

#[test]
fn a_sample_is_of_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    // As a spreadsheet writes it: a mark of the byte order, ends of lines of two characters, a row twice.
    let text = format!("\u{feff}{POPULATION}orders,fail\n").replace('\n', "\r\n");
    write(&folder, "p.csv", &text);
    let of = |arguments: &[&str]| sample(folder.path(), arguments);
    let all = of(&["--population", "p.csv", "-n", "9"]);
    assert!(
        all.out
            .contains("5 of 5: 9 were asked for, so this is the whole population"),
        "{}",
        all.out
    );
    assert!(
        all.out.contains("1 row repeats an id and counts once"),
        "{}",
        all.out
    );
    let failing = of(&[
        "--population",
        "p.csv",
        "-n",
        "9",
        "--only",
        "outcome=fail",
        "--format",
        "csv",
    ]);
    let rows: Vec<_> = failing.out.lines().collect();
    assert_eq!(rows.len(), 2, "{}", failing.out);
    assert!(rows[1].starts_with("1,orders,6148a3e0"), "{}", rows[1]);
    let named = of(&["--population", "p.csv", "-n", "1", "--column", "outcome"]);
    assert!(named.out.contains("1 of 2"), "{}", named.out);
    refused(
        &of(&["--population", "p.csv", "-n", "1", "--column", "arn"]),
        &["no column \"arn\"", "it has: resource_id, outcome"],
    );
    write(
        &folder,
        "gap.csv",
        "resource_id,outcome\norders,fail\n,fail\n",
    );
    refused(
        &of(&["--population", "gap.csv", "-n", "1"]),
        &["gap.csv:3 has nothing in column resource_id", "--only"],
    );
    write(&folder, "q.csv", "a,b\n1\n");
    refused(
        &of(&["--population", "q.csv", "-n", "1", "--column", "a"]),
        &["q.csv is not a table"],
    );
    refused(
        &of(&["--population", "q.csv", "-n", "1"]),
        &["no column of ids", "it has: a, b"],
    );
    refused(
        &of(&["--population", "p.csv", "-n", "1", "--only", "outcome=none"]),
        &["nothing to draw from"],
    );

    refused(
        &of(&[
            "--report",
            &fixture("denied"),
            "--rule",
            "aws.rds.pitr",
            "-n",
            "1",
        ]),
        &[
            "nothing to draw from",
            "the list was not read: aws.rds.DBCluster in",
            "denied: rds:DescribeDBClusters",
        ],
    );

    let report = fixture("streampulse-gap");
    let judged = of(&[
        "--report",
        &report,
        "--rule",
        "aws.ecr.scan_on_push",
        "-n",
        "1",
    ]);
    assert!(
        judged.out.contains("1 of 2"),
        "{}{}",
        judged.out,
        judged.err
    );
    assert!(
        judged.out.contains("repository/streampulse/"),
        "{}",
        judged.out
    );
    refused(
        &of(&[
            "--report",
            &report,
            "--rule",
            "aws.ecr.scan_on_pus",
            "-n",
            "1",
        ]),
        &["did you mean \"aws.ecr.scan_on_push\""],
    );
    refused(&of(&["-n", "1"]), &["--population"]);
}

#[test]
fn a_population_is_the_same_from_a_report_and_from_its_table() {
    use soc2scan::model::{Coverage, Reason, Report, Seen, Unread};
    const RULE: &str = "aws.ec2.subnet_public_ip";
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixture("streampulse-gap")).unwrap();
    let mut report: Report = serde_json::from_str(&text).unwrap();
    write(&folder, "report.json", &text);
    let tables = soc2scan::render::populations(&report, &|_| String::new());
    write(&folder, "p.csv", &tables[RULE]);
    let table = ["--population", "p.csv", "-n", "2"];
    let whole = ["--report", "report.json", "--rule", RULE, "-n", "2"];
    let of = |arguments: &[&str], more: &[&str]| {
        let ran = sample(folder.path(), &[arguments, more].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let json = |arguments: &[&str]| {
        let out = of(arguments, &["--format", "json"]);
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let (from_table, from_report) = (json(&table), json(&whole));
    for key in ["picked", "population", "not_applicable"] {
        assert_eq!(from_table[key], from_report[key], "{key}");
    }
    assert_eq!(from_report["population"], 3);
    assert_eq!(from_report["not_applicable"], 6);
    assert_eq!(from_report["unread"], Value::Array(Vec::new()));
    assert_eq!(from_table["unread"], Value::Null);
    for arguments in [&table[..], &whole] {
        let said = of(arguments, &[]);
        let left_out = "left out    6 rows, since the rule does not apply to them";
        assert!(said.contains(left_out), "{said}");
        assert!(!said.contains("incomplete"), "{said}");
    }
    let others = json(&[&table[..], &["--only", "outcome=not_applicable"]].concat());
    assert_eq!(
        (&others["population"], &others["not_applicable"]),
        (&6.into(), &0.into())
    );

    // One region more, in which nobody could list.
    let mut checks = report.checks.iter_mut();
    let check = checks.find(|check| check.rule == RULE).unwrap();
    check.coverage = soc2scan::model::CheckCoverage::Partial;
    report.coverage.push(Coverage {
        asked: Vec::new(),
        kind: check.resource[0].clone(),
        scope: soc2scan::model::Scope::aws("123456789012", Some("eu-west-1")),
        seen: Seen::Unread(Unread {
            reason: Reason::Denied,
            operation: "ec2:DescribeSubnets".to_owned(),
            permission: Some("ec2:DescribeSubnets".to_owned()),
            detail: String::new(),
        }),
    });
    write(
        &folder,
        "report.json",
        &serde_json::to_string(&report).unwrap(),
    );
    let why = "aws.ec2.Subnet in 123456789012/eu-west-1: denied: ec2:DescribeSubnets";
    assert_eq!(json(&whole)["unread"], Value::from(vec![why]));
    assert!(of(&whole, &["--format", "csv"]).contains(why));
    let said = of(&whole, &[]);
    let said: Vec<&str> = said.split_whitespace().collect();
    let incomplete = format!("incomplete the list was not read: {why}");
    assert!(said.join(" ").contains(&incomplete), "{said:?}");
}
