//! The command line as its users meet it: exit codes, messages, files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run of the program left behind.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program in a folder with nothing in its environment but what is given.
pub fn soc2scan(folder: &Path, env: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_soc2scan"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    Ran {
        code: output.status.code().expect("the program ends by itself"),
        out: String::from_utf8(output.stdout).expect("output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    }
}

#[cfg(all(feature = "aws", feature = "kubernetes"))]
pub fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

pub fn run(arguments: &[&str]) -> Ran {
    soc2scan(tempfile::tempdir().unwrap().path(), &[], arguments)
}

/// Asserts that bad input ends with 64, and that stderr holds each of these.
pub fn refused(ran: &Ran, texts: &[&str]) {
    assert_eq!(ran.code, 64, "{}\n{}", ran.out, ran.err);
    // Wrapped lines are one sentence to a reader.
    let err = ran
        .err
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ");
    for text in texts {
        assert!(err.contains(text), "{text:?} is not in:\n{}", ran.err);
    }
    assert!(
        ran.out.is_empty(),
        "a refusal writes no report:\n{}",
        ran.out
    );
}

#[test]
fn help_and_version_are_no_errors() {
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    assert!(help.out.contains("check"));
    let version = run(&["--version"]);
    assert_eq!(
        (version.code, version.out.as_str()),
        (0, concat!("soc2scan ", env!("CARGO_PKG_VERSION"), "\n"))
    );
}

#[test]
fn a_wrong_command_line_is_64() {
    assert_eq!(run(&[]).code, 64);
    refused(&run(&["chek"]), &["check"]);
    refused(
        &run(&["check", "--replay", "x", "--region", "us-east-1"]),
        &["--replay", "cannot be used with"],
    );
    refused(
        &run(&["check", "--region", "us-east-1", "--all-regions"]),
        &["cannot be used with"],
    );
    refused(&run(&["check", "--fail-on", "gaps"]), &["gap"]);
}

#[test]
fn an_unknown_rule_is_refused_with_a_suggestion() {
    refused(
        &run(&["check", "--rule", "aws.rds.pirt"]),
        &["no rule \"aws.rds.pirt\"", "did you mean \"aws.rds.pitr\""],
    );
}

#[test]
fn an_unknown_criterion_is_refused() {
    refused(
        &run(&["check", "--control", "CC66"]),
        &["no criterion \"CC66\"", "soc2scan controls list"],
    );
}

#[test]
fn rules_that_exclude_each_other_are_refused() {
    refused(
        &run(&[
            "check",
            "--rule",
            "aws.ecr.tag_immutability",
            "--severity",
            "critical",
        ]),
        &["no rule is left"],
    );
}

#[test]
fn a_wrong_configuration_is_refused_with_its_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("soc2scan.yaml"),
        "aws:\n  regoins: [us-east-1]\n",
    )
    .unwrap();
    let ran = soc2scan(folder.path(), &[], &["check"]);
    refused(
        &ran,
        &["soc2scan.yaml:2:3", "regoins", "docs/configuration.md"],
    );
    refused(
        &run(&["check", "--config", "other.yaml"]),
        &["cannot read the configuration other.yaml"],
    );
}

#[test]
fn a_parameter_outside_its_bounds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = "params:\n  aws.rds.automated_backups: { min_days: 0 }\n";
    fs::write(folder.path().join("soc2scan.yaml"), text).unwrap();
    refused(
        &soc2scan(folder.path(), &[], &["check"]),
        &["aws.rds.automated_backups", "min_days"],
    );
}

#[test]
fn the_configuration_names_rules_from_its_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("ci/more/aws/rds");
    fs::create_dir_all(&rules).unwrap();
    fs::write(rules.join("mine.yaml"), "titel: Mine\n").unwrap();
    fs::write(folder.path().join("ci/soc2scan.yaml"), "rules: more\n").unwrap();
    refused(
        &soc2scan(
            folder.path(),
            &[],
            &["check", "--config", "ci/soc2scan.yaml"],
        ),
        &["ci/more/aws/rds/mine.yaml", "did you mean `title`?"],
    );
}

#[test]
fn an_output_file_of_no_known_format_is_refused_before_the_scan() {
    refused(
        &run(&["check", "--replay", "nowhere", "-o", "report.docx"]),
        &["report.docx", "--format"],
    );
}

#[test]
fn a_place_that_cannot_be_written_to_is_refused_before_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder.json")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (option, path) in [
        ("-o", "folder.json"),
        ("-o", "file/r.json"),
        ("-o", "file/deep/r.json"),
        ("--bundle", "file/deep"),
        ("--bundle", "file/b.tar.zst"),
    ] {
        let ran = soc2scan(
            folder.path(),
            &[],
            &[
                "check",
                "--replay",
                "nowhere",
                "-o",
                "new/r.json",
                option,
                path,
            ],
        );
        refused(&ran, &["cannot write the", path]);
    }
    assert!(!folder.path().join("new").exists());
}

#[test]
fn what_can_be_written_is_written_though_one_file_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    fs::write(folder.path().join("m.yaml"), service).unwrap();
    let ran = soc2scan(
        folder.path(),
        &[],
        &[
            "check",
            "--manifests",
            "m.yaml",
            "-o",
            "a.json",
            "-o",
            "a.json/b.md",
            "-o",
            "c.md",
        ],
    );
    assert_eq!(ran.code, 64, "{}", ran.err);
    assert!(
        ran.err.contains("cannot write the report to a.json/b.md"),
        "{}",
        ran.err
    );
    for name in ["a.json", "c.md"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    assert!(ran.out.contains("manifests"), "{}", ran.out);
}

#[test]
fn an_unknown_region_is_refused_with_a_suggestion() {
    let ran = run(&["check", "--aws", "--region", "us-esat-1"]);
    refused(&ran, &["us-esat-1", "us-east-1"]);
}

#[test]
fn the_plan_names_calls_and_makes_none() {
    let ran = run(&[
        "check",
        "--plan",
        "--aws",
        "--region",
        "us-east-1",
        "--rule",
        "aws.kms.rotation",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for call in [
        "kms:ListKeys",
        "kms:DescribeKey",
        "kms:GetKeyRotationStatus",
    ] {
        assert!(ran.out.contains(call), "{}", ran.out);
    }
    assert!(!ran.out.contains("rds:"), "{}", ran.out);
}

#[cfg(all(feature = "aws", feature = "kubernetes"))]
/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_page_that_is_cut_leads_to_the_table_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut manifests = String::new();
    for number in 0..1_200 {
        manifests.push_str(&format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: api-{number}, namespace: default }}\nspec:\n  \
             replicas: 1\n  selector: {{ matchLabels: {{ app: api-{number} }} }}\n  template:\n    \
             metadata: {{ labels: {{ app: api-{number} }} }}\n    spec: {{ containers: [{{ name: api, image: 'api:1' }}] }}\n"
        ));
    }
    std::fs::write(folder.path().join("all.yaml"), manifests).unwrap();
    let arguments = [
        "check",
        "--manifests",
        "all.yaml",
        "--fail-on",
        "never",
        "--rule",
        "k8s.deploy.*,k8s.p*",
        "-o",
        "out/report.html",
        "-o",
        "out/population.csv",
        "-o",
        "alone.html",
    ];
    let ran = soc2scan(folder.path(), &[], &arguments);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let link = "<a href=\"./population.csv\">population.csv</a> lists every one";
    assert!(page("out/report.html").contains(link));
    let alone = page("alone.html");
    assert!(!alone.contains(link), "it is in another folder");
    assert!(alone.contains("the CSV and JSON reports list every one"));
}
