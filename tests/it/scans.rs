//! Scans from the command line: what a recording, an account or a cluster that cannot be used leads to.

use std::fs;
use std::process::{Command, Stdio};
#[cfg(unix)]
use std::time::{Duration, Instant};

use crate::aws_double::{EMPTY, Proxy, error};
use crate::cli::{copy, fixture, refused, run, soc2scan};
use crate::kube_server::kubeconfig;

#[test]
fn a_missing_tape_is_refused() {
    refused(
        &run(&["check", "--replay", "nowhere"]),
        &["no tape at nowhere", "manifest.json"],
    );
}

#[test]
fn an_altered_tape_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("empty/tape"), &folder.path().join("tape"));
    let file = folder.path().join("tape/aws/us-east-1/rds.jsonl");
    let text = fs::read_to_string(&file).unwrap().replace("200", "201");
    fs::write(&file, text).unwrap();
    let ran = soc2scan(folder.path(), &[], &["check", "--replay", "tape"]);
    refused(&ran, &["rds.jsonl", "is not what was recorded"]);
}

#[test]
fn a_corrupt_manifest_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tape")).unwrap();
    fs::write(
        folder.path().join("tape/manifest.json"),
        "{\n  \"schema\": 3\n}",
    )
    .unwrap();
    refused(
        &soc2scan(folder.path(), &[], &["check", "--replay", "tape"]),
        &["manifest.json", "line 2"],
    );
}

#[test]
fn a_manifest_beyond_all_bounds_is_refused_or_read_and_never_a_crash() {
    let path = fixture("empty").join("tape/manifest.json");
    let text = fs::read_to_string(path).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture("empty/tape"), &folder.path().join("tape"));
    let replayed = |manifest: &serde_json::Value| {
        let file = folder.path().join("tape/manifest.json");
        fs::write(file, manifest.to_string()).unwrap();
        soc2scan(folder.path(), &[], &["check", "--replay", "tape"])
    };
    let mut patient = manifest.clone();
    patient["sources"]["aws"]["timeout_seconds"] = u64::MAX.into();
    refused(&replayed(&patient), &["timeout_seconds"]);
    let mut old = manifest;
    old["taken_at"] = "-009999-01-02T06:00:00Z".into();
    let ran = replayed(&old);
    assert!(matches!(ran.code, 0..=3), "{}{}", ran.out, ran.err);
}

#[test]
fn a_malformed_kubeconfig_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("kubeconfig"),
        "apiVersion: v1\nclusters: {\n",
    )
    .unwrap();
    let ran = soc2scan(
        folder.path(),
        &[],
        &["check", "--kubernetes", "--kubeconfig", "kubeconfig"],
    );
    refused(&ran, &["kubeconfig"]);
}

#[test]
fn a_replay_ends_with_the_code_of_what_it_found() {
    let code = |name: &str, more: &[&str]| {
        let tape = fixture(name).join("tape");
        let mut arguments = vec!["check", "--replay", tape.to_str().unwrap()];
        arguments.extend(more);
        run(&arguments).code
    };
    assert_eq!(code("streampulse-gap", &[]), 1);
    assert_eq!(code("streampulse-compliant", &[]), 0);
    assert_eq!(code("streampulse-compliant", &["--fail-on", "manual"]), 3);
    assert_eq!(code("denied", &[]), 2);
    assert_eq!(code("streampulse-gap", &["--fail-on", "never"]), 0);
    assert_eq!(
        code(
            "streampulse-gap",
            &[
                "--fail-on",
                "gap",
                "--rule",
                "k8s.probes",
                "--min-severity",
                "critical"
            ]
        ),
        0
    );
}

#[test]
fn a_report_goes_to_each_file_in_the_format_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let tape = fixture("streampulse-gap").join("tape");
    let tape = tape.to_str().unwrap();
    let ran = soc2scan(
        folder.path(),
        &[],
        &["check", "--replay", tape, "-o", "out/r.json", "-o", "r.md"],
    );
    assert_eq!(ran.code, 1);
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("out/r.json")).unwrap())
            .unwrap();
    assert_eq!(json["schema"], "soc2scan.report/v1");
    assert!(
        fs::read_to_string(folder.path().join("r.md"))
            .unwrap()
            .starts_with("# ")
    );
    let again = soc2scan(
        folder.path(),
        &[],
        &["report", "out/r.json", "--format", "markdown"],
    );
    assert_eq!(
        (again.code, again.out),
        (0, fs::read_to_string(folder.path().join("r.md")).unwrap())
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let tape = fixture("streampulse-gap").join("tape");
    let mut child = Command::new(env!("CARGO_BIN_EXE_soc2scan"))
        .args([
            "check",
            "--format",
            "json",
            "--replay",
            tape.to_str().unwrap(),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_selection_shows_what_was_selected_and_names_the_rest_in_a_line() {
    let tape = fixture("streampulse-gap").join("tape");
    let ran = run(&[
        "check",
        "--replay",
        tape.to_str().unwrap(),
        "--rule",
        "k8s.hpa.present",
    ]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out
            .contains("rules that they need were not selected: CC6.1"),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("aws.rds"), "{}", ran.out);
}

#[test]
fn color_is_for_terminals_unless_it_is_asked_for() {
    let tape = fixture("streampulse-gap").join("tape");
    let tape = tape.to_str().unwrap();
    let colored = |env: &[(&str, &str)], when: &str| {
        let folder = tempfile::tempdir().unwrap();
        let ran = soc2scan(
            folder.path(),
            env,
            &["--color", when, "check", "--replay", tape],
        );
        ran.out.contains("\x1b[")
    };
    assert!(!colored(&[], "auto"));
    assert!(colored(&[], "always"));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], "auto"));
    assert!(!colored(
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
        "auto"
    ));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], "never"));
}

#[test]
fn expired_credentials_leave_everything_unknown_and_say_what_to_do() {
    let proxy = Proxy::start(EMPTY, |asked| {
        error(
            asked,
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    });
    let folder = tempfile::tempdir().unwrap();
    let env = [
        ("AWS_ENDPOINT_URL", proxy.url.as_str()),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ];
    let ran = soc2scan(
        folder.path(),
        &env,
        &["check", "--aws", "--region", "us-east-1"],
    );
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    for text in ["0 gap", "credentials", "ExpiredToken", "read 0 of 79 kinds"] {
        assert!(ran.out.contains(text), "{text} is not in\n{}", ran.out);
    }
}

#[test]
fn an_unreachable_cluster_leaves_everything_unknown() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens on the discard port.
    fs::write(
        folder.path().join("kubeconfig"),
        kubeconfig("http://127.0.0.1:9"),
    )
    .unwrap();
    let ran = soc2scan(
        folder.path(),
        &[],
        &["check", "--kubernetes", "--kubeconfig", "kubeconfig"],
    );
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    for text in [
        "0 gap",
        "unreachable",
        "check the endpoint, the network and the proxy",
    ] {
        assert!(ran.out.contains(text), "{text} is not in\n{}", ran.out);
    }
}

/// Waits until something is so.
#[cfg(unix)]
fn within(limit: Duration, mut so: impl FnMut() -> bool) {
    let until = Instant::now() + limit;
    while !so() {
        assert!(Instant::now() < until, "not within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_scan_that_waits_for_a_credential_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let began = folder.path().join("began");
    let plugin = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, \
         command: /bin/sh, args: [-c, \"touch {}; exec sleep 30\"]}}}}",
        began.display()
    );
    let text = kubeconfig("http://127.0.0.1:9").replace("{token: not-a-real-token}", &plugin);
    fs::write(folder.path().join("kubeconfig"), text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_soc2scan"))
        .args(["check", "--kubeconfig", "kubeconfig"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    within(Duration::from_secs(20), || began.exists());
    let pid = child.id().to_string();
    let told = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(told.success());
    let mut ended = None;
    within(Duration::from_secs(10), || {
        ended = child.try_wait().unwrap();
        ended.is_some()
    });
    assert_eq!(ended.unwrap().code(), Some(130));
}

#[test]
fn an_unknown_context_is_refused_with_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("kubeconfig"),
        kubeconfig("http://127.0.0.1:9"),
    )
    .unwrap();
    let arguments = ["check", "--kubeconfig", "kubeconfig", "--context", "tset"];
    refused(
        &soc2scan(folder.path(), &[], &arguments),
        &["no context \"tset\"", "did you mean \"test\"?"],
    );
}

#[test]
fn nothing_configured_is_said_with_a_way_on() {
    refused(
        &run(&["check"]),
        &["nothing to scan", "aws configure", "--replay"],
    );
}

#[test]
fn a_folder_that_holds_a_tape_is_not_recorded_over() {
    let tape = fixture("empty").join("tape");
    let arguments = [
        "check",
        "--aws",
        "--region",
        "us-east-1",
        "--record",
        tape.to_str().unwrap(),
    ];
    refused(&run(&arguments), &["already holds a tape"]);
}

#[test]
fn a_recording_that_cannot_be_kept_is_refused_before_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    // Nothing is configured, which a scan would be the first to say.
    let ran = soc2scan(folder.path(), &[], &["check", "--record", "file/tape"]);
    refused(&ran, &["cannot write file/tape", "can be written"]);
}

#[test]
fn without_a_region_a_way_on_is_said_that_works() {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let ran =
        |arguments: &[&str]| soc2scan(folder.path(), &keys, &[&["check"], arguments].concat());
    refused(
        &ran(&["--aws"]),
        &["no AWS region", "--region", "AWS_REGION"],
    );
    let all = ran(&["--aws", "--all-regions"]);
    refused(&all, &["no AWS region", "set AWS_REGION"]);
    assert!(!all.err.contains("scan them all"), "{}", all.err);
}
