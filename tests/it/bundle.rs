//! Bundles: what a scan leaves as evidence, and that nothing in it changes, goes or is added unseen.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use soc2scan::bundle::{self, Bundle, MANIFEST, Manifest, OpenError, REPORT, SUMS};
use soc2scan::model::sha256;
use tempfile::TempDir;

use crate::cli::{Ran, refused, soc2scan};

#[cfg(all(feature = "aws", feature = "kubernetes"))]
mod replay;

const SHOP: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: c, image: '=shop', env: [{name: DB, value: 'postgres://app:open-sesame@db/app'}]}
";

const WAIVERS: &str = "version: 1
waivers:
  - id: W-1
    check: k8s.deploy.min_replicas
    match: {resource: '*shop'}
    reason: One replica is enough until the launch.
    owner: ops@example.com
    approved_by: ciso@example.com
    approved_on: 2026-01-01
    expires: 2026-06-30
";

const ATTESTATIONS: &str = "version: 1
attestations:
  - id: policy
    topic: information_security_policy
    controls: [CC5.3]
    statement: The policy was reviewed, approved and published.
    result: operating
    owner: ciso@example.com
    attested_by: ciso@example.com
    attested_on: 2026-01-02
    documents: [{title: Policy, path: policies/infosec policy.md}, {title: Lost, path: policies/lost.md}]
";

/// A folder to scan.
fn shop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("apps/shop.yaml", SHOP),
        ("waivers.yaml", WAIVERS),
        ("attestations.yaml", ATTESTATIONS),
        ("policies/infosec policy.md", "# Be careful\n"),
        (
            "soc2scan.yaml",
            "params: {k8s.db.not_self_managed: {databases: [acme-db]}}\ncategories: [availability]\n",
        ),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn check(folder: &Path, more: &[&str]) -> Ran {
    let arguments = ["check", "--manifests", "apps"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let path = std::env::var("PATH").unwrap_or_default();
    soc2scan(folder, &[("PATH", &path)], &arguments)
}

fn verify(path: &Path, more: &[&str]) -> Ran {
    let arguments = ["verify", path.to_str().unwrap()];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let search = std::env::var("PATH").unwrap_or_default();
    soc2scan(Path::new("/"), &[("PATH", &search)], &arguments)
}

/// The bundles in a folder, by name.
fn bundles(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A scan of the shop, and its bundle.
fn bundled(more: &[&str]) -> (TempDir, PathBuf) {
    let folder = shop();
    let arguments = ["--bundle", "ev"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let ran = check(folder.path(), &arguments);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let found = bundles(&folder.path().join("ev"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        ran.err.contains("the bundle is ev/soc2scan-"),
        "{}",
        ran.err
    );
    (folder, found[0].clone())
}

/// Gives a changed bundle a manifest and sums that are right, as somebody would who wants to deceive.
fn reseal(path: &Path) {
    let mut bundle = Bundle::open(path).unwrap();
    let old = Manifest::parse(&bundle.files[MANIFEST]).unwrap();
    let report = bundle.report().unwrap();
    let mut manifest = Manifest::of(old.tool, old.scan, &report, &bundle.files);
    manifest.previous_manifest_sha256 = old.previous_manifest_sha256;
    fs::write(path.join(MANIFEST), manifest.to_bytes()).unwrap();
    bundle
        .files
        .insert(MANIFEST.to_owned(), manifest.to_bytes());
    fs::write(path.join(SUMS), bundle::sums(&bundle.files)).unwrap();
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// Asserts that a verification ends with 1 and says each of these.
fn differs(ran: &Ran, texts: &[&str]) {
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for text in texts {
        assert!(ran.out.contains(text), "{text:?} is not in:\n{}", ran.out);
    }
    assert!(ran.out.ends_with("does not hold\n"), "{}", ran.out);
}

#[test]
fn a_bundle_is_what_sha256sum_and_verify_say() {
    let (_folder, path) = bundled(&["-o", "r.sarif", "--format", "csv"]);
    let sums = Command::new("sha256sum")
        .args(["--check", "--quiet", "--strict", SUMS])
        .current_dir(&path)
        .status()
        .unwrap();
    assert!(sums.success());
    let ran = verify(&path, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for text in [
        "manifest   ok",
        "chain      ok           follows none: the first of its folder",
        "signature  none",
        "snapshot   not checked  files were read",
        "1 waiver and 1 attestation: ",
        "verified\n",
    ] {
        assert!(ran.out.contains(text), "{text:?} is not in:\n{}", ran.out);
    }
    let bundle = Bundle::open(&path).unwrap();
    for file in [
        "attachments/",
        "config/attestations.yaml",
        "config/criteria.yaml",
        "config/rules/k8s/deploy/min_replicas.yaml",
        "config/scope.json",
        "config/soc2scan.yaml",
        "config/topics.yaml",
        "config/waivers.yaml",
        "coverage/completeness.json",
        "coverage/exclusions.csv",
        "evidence/files.sha256",
        "exports/sarif.json",
        "population/aws.rds.pitr.csv",
        "population/k8s.deploy.min_replicas.csv",
        "report/controls.csv",
        "report/findings.csv",
        "report/report.html",
        "report/report.json",
        "report/report.md",
        "snapshot.jsonl",
    ] {
        let mut paths = bundle.files.keys();
        assert!(paths.any(|path| path.starts_with(file)), "{file}");
    }
    let exclusions = bundle.text("coverage/exclusions.csv").unwrap();
    for row in [
        "platform,AWS,\"only manifests were given\"",
        "rule,aws.rds.pitr,\"a platform that it needs was not scanned\"",
        "rule,k8s.storageclass.encrypted,\"manifests do not hold what it is about\"",
    ] {
        assert!(exclusions.contains(row), "{row}\n{exclusions}");
    }
    let digest = sha256(b"# Be careful\n");
    assert_eq!(
        bundle.text(&format!("attachments/{digest}-infosec_policy.md")),
        Some("# Be careful\n")
    );
    let sums = bundle.text("evidence/files.sha256").unwrap();
    assert_eq!(
        sums,
        format!("{}  apps/shop.yaml\n", sha256(SHOP.as_bytes()))
    );
    for (path, bytes) in &bundle.files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("open-sesame"), "a secret is in {path}");
    }
}

#[test]
fn a_population_is_every_resource_with_where_its_document_is() {
    let (_folder, path) = bundled(&[]);
    let text = fs::read_to_string(path.join("population/k8s.deploy.min_replicas.csv")).unwrap();
    let rows: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 2, "{text}");
    assert!(rows[0].starts_with("criteria,") && rows[0].ends_with(",document"));
    assert!(rows[1].contains(",fail,waiver_expired,W-1,") || rows[1].contains(",fail,waived,W-1,"));
    assert!(rows[1].contains(",apps/shop.yaml:1,"));
    assert!(rows[1].ends_with(",snapshot.jsonl:2#/document"));
    let snapshot = fs::read_to_string(path.join("snapshot.jsonl")).unwrap();
    let line: Value = serde_json::from_str(snapshot.lines().nth(1).unwrap()).unwrap();
    assert_eq!(line["document"]["metadata"]["name"], "shop");
    for entry in fs::read_dir(path.join("population")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for cell in text.lines().flat_map(|line| line.split(',')) {
            assert!(!cell.trim_start_matches('"').starts_with('='), "{cell}");
        }
    }
}

#[test]
fn the_manifest_is_canonical_and_holds_to_the_draft() {
    let (_folder, path) = bundled(&[]);
    let bytes = fs::read(path.join(MANIFEST)).unwrap();
    let manifest = Manifest::parse(&bytes).unwrap();
    assert_eq!(manifest.to_bytes(), bytes);
    assert_eq!(path.file_name().unwrap().to_str().unwrap(), manifest.name());
    assert_eq!(manifest.scan.mode, "live");
    assert_eq!(manifest.scan.evidence, "snapshot");
    assert_eq!(manifest.scan.command_line[..2], ["soc2scan", "check"]);
    let report: Value = serde_json::from_slice(&fs::read(path.join(REPORT)).unwrap()).unwrap();
    let snapshot = fs::read(path.join("snapshot.jsonl")).unwrap();
    assert_eq!(report["digests"]["snapshot"], sha256(&snapshot));
    assert_eq!(report["digests"]["rulebook"], manifest.tool.ruleset_sha256);
    for (digest, file) in [
        (manifest.scan.scope_sha256, "config/scope.json"),
        (manifest.scan.waivers_sha256, "config/waivers.yaml"),
        (
            manifest.scan.attestations_sha256,
            "config/attestations.yaml",
        ),
    ] {
        assert_eq!(digest, Some(sha256(&fs::read(path.join(file)).unwrap())));
    }
    let spaced = String::from_utf8(bytes).unwrap().replacen(':', ": ", 1);
    let error = Manifest::parse(spaced.as_bytes()).unwrap_err();
    assert!(error.contains("not canonical"), "{error}");
    // The draft is not ours to hand on: checked where it is at hand.
    if let Some(folder) = std::env::var_os("SOC2SCAN_SCHEMAS") {
        let draft = Path::new(&folder).join("soc2scan-draft/manifest.schema.json");
        let schema: Value = serde_json::from_str(&fs::read_to_string(draft).unwrap()).unwrap();
        let value =
            serde_json::to_value(Manifest::parse(&fs::read(path.join(MANIFEST)).unwrap()).unwrap());
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value.unwrap())
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn a_flipped_byte_in_any_file_is_found_and_the_file_named() {
    let (_folder, path) = bundled(&[]);
    let mut bundle = Bundle::open(&path).unwrap();
    assert_eq!(bundle::sum_faults(&bundle), []);
    let paths: Vec<String> = bundle.files.keys().cloned().collect();
    for file in &paths {
        let size = bundle.files[file].len();
        for at in [0, size / 3, size / 2, size - 1] {
            for bit in [1, 0x80] {
                bundle.files.get_mut(file).unwrap()[at] ^= bit;
                let faults = bundle::sum_faults(&bundle);
                let named = |fault: &bundle::Fault| fault.of == *file || fault.why.contains(file);
                assert!(faults.iter().any(named), "{file} at {at}: {faults:?}");
                bundle.files.get_mut(file).unwrap()[at] ^= bit;
            }
        }
    }
    for file in [
        "population/k8s.probes.csv",
        MANIFEST,
        SUMS,
        "snapshot.jsonl",
    ] {
        let whole = fs::read(path.join(file)).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        fs::write(path.join(file), flipped).unwrap();
        differs(&verify(&path, &[]), &["sums       differs", file]);
        fs::write(path.join(file), whole).unwrap();
    }
    assert_eq!(verify(&path, &[]).code, 0);
}

#[test]
fn what_is_missing_added_or_linked_is_named() {
    let (_folder, path) = bundled(&[]);
    fs::write(path.join("report/notes.txt"), "all is well").unwrap();
    fs::remove_file(path.join("config/topics.yaml")).unwrap();
    let report = fs::read(path.join(REPORT)).unwrap();
    fs::write(path.with_file_name("elsewhere.json"), report).unwrap();
    fs::remove_file(path.join(REPORT)).unwrap();
    symlink(path.with_file_name("elsewhere.json"), path.join(REPORT)).unwrap();
    differs(
        &verify(&path, &[]),
        &[
            "report/notes.txt is not in SHA256SUMS",
            "config/topics.yaml is in SHA256SUMS and missing",
            "report/report.json is a link",
        ],
    );
}

#[test]
fn what_is_missing_from_the_sums_as_well_is_named() {
    let (_folder, path) = bundled(&[]);
    fs::remove_file(path.join("config/topics.yaml")).unwrap();
    let sums = fs::read_to_string(path.join(SUMS)).unwrap();
    let fewer: Vec<&str> = sums
        .lines()
        .filter(|line| !line.ends_with("config/topics.yaml"))
        .collect();
    fs::write(path.join(SUMS), fewer.join("\n") + "\n").unwrap();
    differs(
        &verify(&path, &[]),
        &["config/topics.yaml is in manifest.json and missing"],
    );
}

#[test]
fn a_report_that_was_made_better_does_not_follow() {
    let (_folder, path) = bundled(&[]);
    let report = path.join(REPORT);
    let text = fs::read_to_string(&report).unwrap();
    let mut better: soc2scan::model::Report = serde_json::from_str(&text).unwrap();
    for finding in &mut better.findings {
        finding.outcome = soc2scan::model::Outcome::Pass;
    }
    let render = |report| {
        soc2scan::render::render(
            report,
            "json".parse().unwrap(),
            &soc2scan::render::Look::PLAIN,
        )
    };
    fs::write(&report, render(&better)).unwrap();
    reseal(&path);
    let ran = verify(&path, &[]);
    differs(
        &ran,
        &[
            "sums       ok",
            "manifest   ok",
            "report     differs",
            "report/report.json does not follow: it says pass of k8s.deploy.min_replicas for \
             k8s://manifests/default/Deployment/shop, the evidence gives fail",
        ],
    );
}

#[test]
fn whatever_else_was_changed_and_resealed_does_not_follow() {
    let (_folder, path) = bundled(&[]);
    for (file, from, to, says) in [
        (
            "report/report.html",
            "shop",
            "Shop",
            "report/report.html does not follow",
        ),
        (
            "population/k8s.deploy.min_replicas.csv",
            ",fail,",
            ",pass,",
            "population/k8s.deploy.min_replicas.csv does not follow",
        ),
        (
            "coverage/exclusions.csv",
            "AWS",
            "aws",
            "coverage/exclusions.csv does not follow",
        ),
        // What was seen, and what it was judged by.
        (
            "snapshot.jsonl",
            "\"replicas\":1",
            "\"replicas\":3",
            "k8s.deploy.min_replicas",
        ),
        (
            "config/waivers.yaml",
            "2026-06-30",
            "2026-06-29",
            "report/report.json does not follow",
        ),
        (
            "config/attestations.yaml",
            "CC5.3",
            "CC2.2",
            "report/report.json does not follow",
        ),
        (
            "config/rules/k8s/probes.yaml",
            "title: ",
            "title: No ",
            "report/report.json does not follow",
        ),
        (
            "config/scope.json",
            "acme-db",
            "other-db",
            "report/report.json does not follow",
        ),
        (
            "config/rules/k8s/probes.yaml",
            "assert",
            "asert",
            "config/rules cannot be read",
        ),
        // What a reader of the file sees and the evaluation does not.
        (
            "snapshot.jsonl",
            "\"id\":",
            "\"note\":\"reviewed\",\"id\":",
            "snapshot.jsonl is not spelled as soc2scan spells it",
        ),
    ] {
        let whole = fs::read(path.join(file)).unwrap();
        edit(&path.join(file), from, to);
        reseal(&path);
        let ran = verify(&path, &[]);
        differs(&ran, &["sums       ok", "report     differs", says]);
        fs::write(path.join(file), whole).unwrap();
    }
}

#[test]
fn a_report_says_what_it_was_asked() {
    let folder = shop();
    let asked = |more: &[&str]| {
        let written = ["-o", "r.json", "-o", "r.html", "-o", "r.md"];
        let ran = check(folder.path(), &[&written, more].concat());
        assert_eq!(ran.code, 1, "{}", ran.err);
        let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        let report: Value = serde_json::from_str(&read("r.json")).unwrap();
        (report, read("r.html"), read("r.md"))
    };
    let (report, page, text) = asked(&[]);
    assert_eq!(report["max_waiver_days"], 180);
    for key in ["audit_period", "rules_selected"] {
        assert_eq!(report[key], Value::Null, "{key}");
    }
    assert!(!page.contains("Audit period") && !text.contains("Audit period"));

    fs::remove_file(folder.path().join("waivers.yaml")).unwrap();
    fs::write(
        folder.path().join("soc2scan.yaml"),
        "categories: [availability]\naudit_period: {start: 2026-01-01, end: 2026-12-31}\n",
    )
    .unwrap();
    let (report, page, text) = asked(&["--rule", "k8s.deploy.min_replicas", "--bundle", "ev"]);
    assert_eq!(report["max_waiver_days"], Value::Null);
    assert_eq!(
        report["rules_selected"],
        Value::from(vec!["k8s.deploy.min_replicas"])
    );
    let period = json!({"start": "2026-01-01", "end": "2026-12-31"});
    assert_eq!(report["audit_period"], period);
    for shown in [
        "<dt>Audit period</dt><dd>2026-01-01 to 2026-12-31</dd>",
        "<dt>Rules</dt><dd>only 1 of ",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    for shown in [
        "\n- Audit period: 2026-01-01 to 2026-12-31\n",
        "\n- Rules: only 1 of ",
    ] {
        assert!(text.contains(shown), "{shown}");
    }
    let bundle = bundles(&folder.path().join("ev")).remove(0);
    assert_eq!(verify(&bundle, &[]).code, 0);
}

#[test]
fn documents_are_attached_or_left_out() {
    let (_folder, path) = bundled(&["--no-attach"]);
    assert!(!path.join("attachments").exists());
    assert_eq!(verify(&path, &[]).code, 0);

    let (_folder, path) = bundled(&[]);
    let attached = bundles(&path.join("attachments")).remove(0);
    fs::write(&attached, "# Be bold\n").unwrap();
    reseal(&path);
    differs(
        &verify(&path, &[]),
        &["infosec_policy.md is not the document that its name says"],
    );
}

#[test]
fn an_attestation_carries_nothing_from_outside_its_folder() {
    let folder = shop();
    fs::create_dir_all(folder.path().join("register")).unwrap();
    fs::create_dir_all(folder.path().join("register/.git")).unwrap();
    fs::write(folder.path().join("secret"), "AWS_SECRET_ACCESS_KEY").unwrap();
    fs::write(folder.path().join("register/.git/config"), "token").unwrap();
    symlink("../secret", folder.path().join("register/link.md")).unwrap();
    for (path, why) in [
        ("../secret", "it lies outside the folder"),
        ("sub/../../secret", "there is no such file"),
        ("link.md", "it lies outside the folder"),
        (".git/config", "it is no document, but git's own"),
    ] {
        let text = ATTESTATIONS.replace("policies/infosec policy.md", path);
        fs::write(folder.path().join("register/attestations.yaml"), text).unwrap();
        let into = format!("ev-{}", path.len());
        let arguments = [
            "--attestations",
            "register/attestations.yaml",
            "--bundle",
            &into,
        ];
        let ran = check(folder.path(), &arguments);
        assert_eq!(ran.code, 1, "{}", ran.err);
        let bundle = bundles(&folder.path().join(&into)).remove(0);
        assert!(!bundle.join("attachments").exists(), "{path}");
        let report = fs::read_to_string(bundle.join(REPORT)).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        let attestation = &report["attestations"][0];
        assert_eq!(attestation["state"], "invalid");
        let note = attestation["note"].as_str().unwrap();
        assert!(note.contains(why), "{path}: {note}");
    }
}

#[test]
fn a_bundle_that_goes_or_changes_breaks_the_chain() {
    let (folder, first) = bundled(&[]);
    let ev = folder.path().join("ev");
    for replicas in [2, 3] {
        edit(
            &folder.path().join("apps/shop.yaml"),
            &format!("replicas: {}", replicas - 1),
            &format!("replicas: {replicas}"),
        );
        check(folder.path(), &["--bundle", "ev"]);
    }
    let ran = verify(&ev, &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(
        ran.out
            .contains("3 bundles, each follows the one before it")
    );
    let second = bundles(&ev)
        .into_iter()
        .find(|path| {
            let manifest = Manifest::parse(&fs::read(path.join(MANIFEST)).unwrap()).unwrap();
            let before = sha256(&fs::read(first.join(MANIFEST)).unwrap());
            manifest.previous_manifest_sha256 == Some(before)
        })
        .unwrap();
    let (name, second_name) = (first.file_name().unwrap(), second.file_name().unwrap());
    let alone = verify(&second, &[]);
    assert!(
        alone
            .out
            .contains(&format!("follows {}", name.to_str().unwrap())),
        "{}",
        alone.out
    );

    let gone = folder.path().join("gone");
    fs::rename(&first, &gone).unwrap();
    let broken = format!(
        "{} follows a bundle that was changed or is gone",
        second_name.to_str().unwrap()
    );
    differs(&verify(&ev, &[]), &["chain      differs", &broken]);
    let alone = verify(&second, &[]);
    assert_eq!(alone.code, 0);
    assert!(
        alone.out.contains("chain      not checked"),
        "{}",
        alone.out
    );
    fs::rename(&gone, &first).unwrap();

    // Changed in itself, with everything made to fit but what cannot be: the bundle after it.
    edit(
        &first.join("config/soc2scan.yaml"),
        "categories",
        "# \ncategories",
    );
    reseal(&first);
    assert_eq!(verify(&first, &[]).code, 0);
    differs(&verify(&ev, &[]), &[&broken]);
}

#[test]
fn an_archive_holds_the_same_and_equal_bundles_are_equal_archives() {
    let folder = shop();
    let ran = check(folder.path(), &["--bundle", "ev/one.tar.zst"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let archive = folder.path().join("ev/one.tar.zst");
    let ran = verify(&archive, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let bundle = Bundle::open(&archive).unwrap();
    let manifest = Manifest::parse(&bundle.files[MANIFEST]).unwrap();
    let again = folder.path().join("again.tar.zst");
    bundle::write_archive(&again, &manifest.name(), &bundle.files).unwrap();
    assert_eq!(fs::read(&archive).unwrap(), fs::read(&again).unwrap());

    let unpacked = bundle::write_folder(folder.path(), &manifest.name(), &bundle.files).unwrap();
    assert_eq!(Bundle::open(&unpacked).unwrap().files, bundle.files);
    assert_eq!(verify(&unpacked, &[]).code, 0);

    // The next one follows it, whatever its form.
    edit(
        &folder.path().join("apps/shop.yaml"),
        "replicas: 1",
        "replicas: 2",
    );
    check(folder.path(), &["--bundle", "ev"]);
    let ran = verify(&folder.path().join("ev"), &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("2 bundles, each follows"), "{}", ran.out);
    refused(
        &check(folder.path(), &["--bundle", "ev/one.tar.zst"]),
        &["ev/one.tar.zst is there already"],
    );
}

#[test]
fn a_flipped_byte_in_an_archive_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (_shop, path) = bundled(&[]);
    let bundle = Bundle::open(&path).unwrap();
    let archive = folder.path().join("a.tar.zst");
    bundle::write_archive(&archive, "a", &bundle.files).unwrap();
    let whole = fs::read(&archive).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 60) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&archive, flipped).unwrap();
        match Bundle::open(&archive) {
            Err(OpenError::Damaged { path, .. }) => assert_eq!(path, archive),
            // A bit that means nothing, or a copy of the same bytes from elsewhere: nothing in the bundle is another.
            Ok(found) => assert!(found.files == bundle.files, "at {at}"),
            Err(error) => panic!("at {at}: {error}"),
        }
    }
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    fs::write(&archive, flipped).unwrap();
    differs(&verify(&archive, &[]), &["a.tar.zst is damaged"]);
    fs::write(&archive, &whole[..whole.len() - 100]).unwrap();
    differs(&verify(&archive, &[]), &["a.tar.zst is damaged"]);
}

/// An archive of one entry whose header is made by hand.
fn hostile(path: &Path, name: &str, change: impl Fn(&mut tar::Header)) {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in [
        ("b/manifest.json", "{}"),
        ("b/SHA256SUMS", ""),
        (name, "content"),
    ] {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        if content == "content" {
            change(&mut header);
        }
        header.set_cksum();
        tar.append(&header, content.as_bytes()).unwrap();
    }
    let bytes = tar.into_inner().unwrap();
    fs::write(path, zstd::encode_all(bytes.as_slice(), 0).unwrap()).unwrap();
}

#[test]
fn a_hostile_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar.zst");
    let plain = |_: &mut tar::Header| ();
    let link = |header: &mut tar::Header| {
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_link_name("/etc/passwd").unwrap();
        header.set_size(0);
    };
    let huge = |header: &mut tar::Header| header.set_size(2 << 30);
    type Change<'a> = &'a dyn Fn(&mut tar::Header);
    let cases: [(&str, Change<'_>, &str); 6] = [
        (
            "b/../../evil",
            &plain,
            "\"b/../../evil\", a path that leads out of it",
        ),
        (
            "/etc/evil",
            &plain,
            "\"/etc/evil\", a path that leads out of it",
        ),
        ("b/link", &link, "\"b/link\", which is no plain file"),
        ("b/huge", &huge, "a file larger than 1 GiB"),
        ("c/evil", &plain, "outside the bundle's folder"),
        ("b/manifest.json", &plain, "more than once"),
    ];
    for (name, change, why) in cases {
        hostile(&path, name, change);
        refused(&verify(&path, &[]), &["is refused", why]);
    }
    assert_eq!(bundles(folder.path()), [path]);
}

#[test]
fn what_is_no_bundle_is_64() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    refused(&verify(folder.path(), &[]), &["there is no bundle in"]);
    refused(&verify(&at("nowhere"), &[]), &["cannot read"]);
    fs::write(at("report.json"), "{}").unwrap();
    refused(&verify(&at("report.json"), &[]), &["is not a bundle"]);
    fs::create_dir(at("tape")).unwrap();
    fs::write(
        at("tape/manifest.json"),
        "{\"schema\": \"soc2scan.tape/v1\"}",
    )
    .unwrap();
    refused(&verify(&at("tape"), &[]), &["is not a bundle", "--replay"]);
}

#[test]
fn a_place_where_no_bundle_can_go_is_refused_before_the_scan() {
    let (folder, path) = bundled(&[]);
    let inside = path.strip_prefix(folder.path()).unwrap().to_str().unwrap();
    refused(
        &check(folder.path(), &["--bundle", inside]),
        &["is a bundle or a tape itself"],
    );
    refused(
        &check(folder.path(), &["--bundle", "apps/shop.yaml"]),
        &["apps/shop.yaml is no folder", ".tar.zst"],
    );
    refused(
        &check(folder.path(), &["--bundle", "ev", "--sign", "gpg"]),
        &["ssh:KEYFILE"],
    );
    refused(
        &check(folder.path(), &["--bundle", "ev", "--sign", "ssh:no-key"]),
        &["there is no key no-key"],
    );
    refused(&check(folder.path(), &["--no-attach"]), &["--bundle"]);
}

#[test]
fn a_signature_by_ssh_keygen_is_made_and_checked() {
    let folder = shop();
    let ssh_keygen = |arguments: &[&str]| {
        let made = Command::new("ssh-keygen")
            .args(arguments)
            .current_dir(folder.path())
            .output();
        assert!(made.expect("openssh-client is installed").status.success());
    };
    ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-C", "ciso", "-f", "key"]);
    let ran = check(folder.path(), &["--bundle", "ev", "--sign", "ssh:key"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let path = bundles(&folder.path().join("ev")).remove(0);
    let key = fs::read_to_string(folder.path().join("key.pub")).unwrap();
    let signers = folder.path().join("signers");
    fs::write(&signers, format!("ciso@example.com {key}")).unwrap();
    let by = |who: &str| {
        verify(
            &path,
            &[
                "--allowed-signers",
                signers.to_str().unwrap(),
                "--identity",
                who,
            ],
        )
    };

    let unchecked = verify(&path, &[]);
    assert_eq!(unchecked.code, 0, "{}", unchecked.out);
    assert!(
        unchecked
            .out
            .contains("signature  not checked  SHA256SUMS.sig is there, not checked"),
        "{}",
        unchecked.out
    );
    let good = by("ciso@example.com");
    assert_eq!(good.code, 0, "{}", good.out);
    assert!(
        good.out.contains("SHA256SUMS.sig by ciso@example.com"),
        "{}",
        good.out
    );
    differs(
        &by("cto@example.com"),
        &["signature  differs      SHA256SUMS.sig is not good"],
    );

    edit(&path.join(REPORT), "critical", "Critical");
    let text = bundle::sums(&Bundle::open(&path).unwrap().files);
    fs::write(path.join(SUMS), text).unwrap();
    differs(&by("ciso@example.com"), &["SHA256SUMS.sig is not good"]);
    fs::remove_file(path.join("SHA256SUMS.sig")).unwrap();
    differs(&by("ciso@example.com"), &["SHA256SUMS.sig is missing"]);
}

#[test]
fn cosign_is_run_to_sign_and_to_check() {
    let folder = shop();
    let script = "#!/bin/sh
case \"$1 $2 $3\" in
'sign-blob --yes --bundle') test \"$5 $6\" = '--key k' && sha256sum < \"$7\" > \"$4\";;
'verify-blob --bundle '*) test \"$4 $5\" = '--key k.pub' && test \"$(sha256sum < \"$6\")\" = \"$(cat \"$3\")\" || { echo no match >&2; exit 1; };;
*) echo what? >&2; exit 1;;
esac
";
    let program = folder.path().join("bin/cosign");
    fs::create_dir(program.parent().unwrap()).unwrap();
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let run = |arguments: &[&str]| soc2scan(folder.path(), &[("PATH", &path)], arguments);
    let sign = |bundle, signer| {
        run(&[
            "check",
            "--manifests",
            "apps",
            "--bundle",
            bundle,
            "--sign",
            signer,
        ])
    };

    assert_eq!(sign("ev.tar.zst", "cosign:k").code, 1);
    let good = run(&["verify", "ev.tar.zst", "--key", "k.pub"]);
    assert_eq!(good.code, 0, "{}", good.out);
    assert!(
        good.out
            .contains("signature  ok           SHA256SUMS.bundle by that key")
    );
    differs(
        &run(&["verify", "ev.tar.zst", "--key", "other.pub"]),
        &["SHA256SUMS.bundle is not good: no match"],
    );
    let ran = sign("bad.tar.zst", "cosign:other");
    assert_eq!(ran.code, 64);
    assert!(ran.out.contains("Deployment/shop"), "{}", ran.out);
    for part in ["cannot sign with cosign", "no bundle was written"] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    assert!(!folder.path().join("bad.tar.zst").exists());
}

#[test]
fn a_second_beginning_and_a_damaged_archive_in_a_folder_are_named() {
    let (folder, first) = bundled(&[]);
    let ev = folder.path().join("ev");
    let copy = ev.join("copy.tar.zst");
    bundle::write_archive(&copy, "copy", &Bundle::open(&first).unwrap().files).unwrap();
    assert_eq!(verify(&ev, &[]).code, 0, "the same bundle twice is one");
    let whole = fs::read(&copy).unwrap();
    fs::write(&copy, &whole[..whole.len() / 2]).unwrap();
    differs(&verify(&ev, &[]), &["copy.tar.zst is damaged"]);
    fs::remove_file(&copy).unwrap();

    edit(
        &folder.path().join("apps/shop.yaml"),
        "replicas: 1",
        "replicas: 2",
    );
    check(folder.path(), &["--bundle", "other"]);
    let second = bundles(&folder.path().join("other")).remove(0);
    fs::rename(&second, ev.join(second.file_name().unwrap())).unwrap();
    differs(&verify(&ev, &[]), &["is one of 2 that follow none"]);
}
