//! A set of files: replacing, digests, plans, parameters, directories.

use super::*;

#[test]
fn a_valid_file_is_a_rule() {
    let rule = loaded(pitr());
    assert_eq!(rule.id, "aws.rds.pitr");
    assert_eq!(rule.resource, [Kind::new("aws.rds.DBInstance")]);
    assert_eq!((rule.required.len(), rule.supporting.len()), (2, 1));
    assert_eq!(
        rule.values(),
        BTreeMap::from([("min_days".to_owned(), json!(7))])
    );
    assert_eq!(rule.cases.len(), 3);
    assert_eq!(rule.cases[1].line(&rule), 20);
    assert_eq!(rule.path, "rules/aws/rds/pitr.yaml");
}

#[test]
fn a_later_file_replaces_the_one_of_its_path() {
    let mine = Source {
        root: "mine".to_owned(),
        ..Source::new(
            "aws/rds/pitr.yaml",
            PITR.replace("severity: high", "severity: low"),
        )
    };
    let rulebook = load(&[pitr(), keyed(), mine], &schema()).unwrap();
    let ids: Vec<_> = rulebook.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["aws.rds.keyed", "aws.rds.pitr"]);
    assert_eq!(
        rulebook.get("aws.rds.pitr").unwrap().path,
        "mine/aws/rds/pitr.yaml"
    );
}

#[test]
fn the_digest_is_of_paths_and_content() {
    let digest = |sources: &[Source]| load(sources, &schema()).unwrap().digest;
    let one = digest(&[pitr(), keyed()]);
    assert_eq!(one, digest(&[keyed(), pitr()]));
    let edited = Source::new(
        "aws/rds/pitr.yaml",
        PITR.replace("A deleted", "The deleted") + "# edited\n",
    );
    assert_ne!(one, digest(&[edited, keyed()]));
}

#[test]
fn the_plan_is_what_expressions_read() {
    let plan = loaded(keyed()).plan();
    let fields = |kind: &str| plan[&Kind::new(kind)].iter().cloned().collect::<Vec<_>>();
    assert_eq!(fields("aws.rds.DBInstance"), ["KmsKeyId"]);
    assert_eq!(fields("aws.rds.DBCluster"), ["KmsKeyId"]);
    assert_eq!(fields("aws.kms.Key"), ["Arn", "KeyManager"]);
    assert_eq!(plan.len(), 3);
}

#[test]
fn a_parameter_is_set_within_its_bounds_only() {
    let mut rulebook = load(&[pitr()], &schema()).unwrap();
    rulebook
        .set_param("aws.rds.pitr", "min_days", json!(30))
        .unwrap();
    assert_eq!(rulebook.rules[0].values()["min_days"], json!(30));
    let error = rulebook
        .set_param("aws.rds.pitr", "min_days", json!(0))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the parameter `min_days` of aws.rds.pitr cannot be set: 0 is looser than the rule allows: at least 1"
    );
    assert_eq!(rulebook.rules[0].values()["min_days"], json!(30));
    let error = rulebook
        .set_param("aws.rds.pitr", "min_day", json!(3))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the rule aws.rds.pitr has no parameter `min_day`"
    );
    let error = rulebook
        .set_param("aws.rds.pitx", "min_days", json!(3))
        .unwrap_err();
    assert_eq!(
        miette::Diagnostic::help(&error).unwrap().to_string(),
        "did you mean `aws.rds.pitr`?"
    );
}

#[test]
fn a_directory_is_read_in_order_and_named_in_errors() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("aws/rds")).unwrap();
    std::fs::write(dir.path().join("aws/rds/pitr.yaml"), PITR).unwrap();
    std::fs::write(dir.path().join("aws/rds/keyed.yaml"), KEYED).unwrap();
    std::fs::write(dir.path().join("README.md"), "about these rules").unwrap();
    std::fs::write(dir.path().join(".hidden.yml"), "").unwrap();
    let sources = read_dir(dir.path()).unwrap();
    let paths: Vec<_> = sources.iter().map(|source| source.path.as_str()).collect();
    assert_eq!(paths, ["aws/rds/keyed.yaml", "aws/rds/pitr.yaml"]);
    assert!(sources[0].shown().starts_with(dir.path().to_str().unwrap()));
    assert_eq!(load(&sources, &schema()).unwrap().rules.len(), 2);
}

#[test]
fn a_directory_without_rules_or_with_a_file_that_could_be_overlooked_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = read_dir(dir.path()).unwrap_err();
    assert!(
        error.to_string().starts_with("there are no rule files in "),
        "{error}"
    );
    std::fs::write(dir.path().join("x.yml"), PITR).unwrap();
    let error = read_dir(dir.path()).unwrap_err();
    assert!(
        error.to_string().ends_with("x.yml does not end in .yaml"),
        "{error}"
    );
    assert!(read_dir(&dir.path().join("absent")).is_err());
}

#[test]
fn a_rule_says_what_is_enough_in_its_place() {
    let text = PITR.replace(
        "severity: high",
        "severity: high\nany_of: aws.rds.keyed\nattestable: backup_restore_test",
    );
    let sources = [Source::new("aws/rds/pitr.yaml", text), keyed()];
    let rulebook = load(&sources, &schema()).unwrap();
    let rule = rulebook.get("aws.rds.pitr").unwrap();
    assert_eq!(rule.any_of, ["aws.rds.keyed"]);
    assert_eq!(rule.attestable.as_deref(), Some("backup_restore_test"));
}
