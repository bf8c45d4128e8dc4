//! Cases: their form, their documents, and whether they hold.

use super::*;

#[test]
fn a_passing_and_a_failing_case_are_demanded() {
    says(
        &changed("expect: pass", "expect: unknown"),
        "rules/aws/rds/pitr.yaml:16:1: no case expects `pass` (add a case whose document must pass)",
    );
    says(
        &refused(&PITR[..PITR.find("  - name: backups are off").unwrap()]),
        "rules/aws/rds/pitr.yaml:16:1: no case expects `fail` (add a case whose document must fail)",
    );
}

#[test]
fn a_case_that_does_not_hold_says_why() {
    says(
        &changed(
            "resource: { BackupRetentionPeriod: 0 }",
            "resource: { BackupRetentionPeriod: 9, LatestRestorableTime: 2026-01-15T11:55:00Z }",
        ),
        "rules/aws/rds/pitr.yaml:20:5: the case `backups are off` does not hold (expected fail, got pass\n\
         BackupRetentionPeriod = 9\n\
         DBClusterIdentifier = null\n\
         Engine = null\n\
         LatestRestorableTime = \"2026-01-15T11:55:00Z\")",
    );
}

#[test]
fn a_case_that_is_unknown_says_the_reason() {
    let errors = changed(
        "{ BackupRetentionPeriod: 0 }",
        "{ $unread: { reason: denied, operation: rds:DescribeDBInstances } }",
    );
    assert!(
        errors.contains("expected fail, got unknown\nbecause of denied: rds:DescribeDBInstances\n"),
        "{errors}"
    );
}

#[test]
fn a_field_that_the_kind_does_not_have_is_refused() {
    says(
        &changed(
            "resource: { BackupRetentionPeriod: 0 }",
            "resource: { BackupRetentionPeroid: 0 }",
        ),
        "rules/aws/rds/pitr.yaml:21:17: aws.rds.DBInstance has no field `BackupRetentionPeroid` (did you mean `BackupRetentionPeriod`?)",
    );
    says(
        &changed(
            "{ BackupRetentionPeriod: 0 }",
            "{ BackupRetentionPeriod: 0, Listeners: [{ Prot: 443 }] }",
        ),
        "rules/aws/rds/pitr.yaml:21:57: aws.rds.DBInstance has no field `Listeners[].Prot` (did you mean `Port`?)",
    );
}

#[test]
fn a_value_that_is_not_of_the_fields_type_is_refused() {
    says(
        &changed(
            "{ BackupRetentionPeriod: 0 }",
            "{ BackupRetentionPeriod: \"0\", Engine: 1.5, MultiAZ: yes, LatestRestorableTime: now }",
        ),
        "rules/aws/rds/pitr.yaml:21:40: `BackupRetentionPeriod` of aws.rds.DBInstance is a whole number, not a text\n\
         rules/aws/rds/pitr.yaml:21:53: `Engine` of aws.rds.DBInstance is a text, not a number (put it in quotes)\n\
         rules/aws/rds/pitr.yaml:21:67: `MultiAZ` of aws.rds.DBInstance is true or false, not a text\n\
         rules/aws/rds/pitr.yaml:21:94: `LatestRestorableTime` of aws.rds.DBInstance is a time such as 2026-01-15T12:00:00Z, not a text",
    );
}

#[test]
fn free_keys_and_markers_are_no_unknown_fields() {
    let text = PITR.replacen(
        "{ BackupRetentionPeriod: 0 }",
        "{ BackupRetentionPeriod: 0, Tags: { any/thing: x }, KmsKeyId: { $redacted: { len: 3 } }, $unread: { reason: denied, operation: x } }",
        1,
    );
    let errors = load(&[Source::new("aws/rds/pitr.yaml", text)], &schema()).unwrap_err();
    assert!(
        told(&errors).contains("expected fail, got unknown"),
        "{}",
        told(&errors)
    );
}

#[test]
fn a_malformed_marker_is_refused() {
    let errors = changed(
        "{ BackupRetentionPeriod: 0 }",
        "{ $unread: { reason: forbidden, operation: x } }",
    );
    assert!(
        errors.starts_with(
            "rules/aws/rds/pitr.yaml:21:17: malformed `$unread`: unknown variant `forbidden`"
        ),
        "{errors}"
    );
}

#[test]
fn the_form_of_a_case_is_checked() {
    says(
        &changed("expect: fail", "expect: failed"),
        "rules/aws/rds/pitr.yaml:22:13: there is no outcome `failed` (did you mean `fail`?)",
    );
    says(
        &changed("name: backups are off", "name: seven days are kept"),
        "rules/aws/rds/pitr.yaml:20:11: another case is called `seven days are kept` (say what differs)",
    );
    says(
        &changed(
            "    expect: fail",
            "    kind: aws.rds.DBCluster\n    expect: fail",
        ),
        "rules/aws/rds/pitr.yaml:22:11: `aws.rds.DBCluster` is no kind of this rule (one of: aws.rds.DBInstance)",
    );
    says(
        &changed("    expect: fail", "    now: yesterday\n    expect: fail"),
        "rules/aws/rds/pitr.yaml:22:10: `yesterday` is no time (write it as 2026-01-15T12:00:00Z)",
    );
    says(
        &changed(
            "    expect: fail",
            "    params: { min_day: 3 }\n    expect: fail",
        ),
        "rules/aws/rds/pitr.yaml:22:15: there is no parameter `min_day` (did you mean `min_days`?)",
    );
    says(
        &changed(
            "    expect: fail",
            "    params: { min_days: 0 }\n    expect: fail",
        ),
        "rules/aws/rds/pitr.yaml:22:25: `min_days` does not fit: 0 is looser than the rule allows: at least 1 (write a value that a configuration may set)",
    );
    says(
        &changed(
            "    expect: fail",
            "    related: { aws.kms.Key: [] }\n    expect: fail",
        ),
        "rules/aws/rds/pitr.yaml:22:16: the rule does not relate its resources to aws.kms.Key (use related(\"aws.kms.Key\") in an expression, or take it out)",
    );
    says(
        &changed(
            "    expect: fail",
            "    related: { aws.kms.Kye: [] }\n    expect: fail",
        ),
        "rules/aws/rds/pitr.yaml:22:16: there is no kind `aws.kms.Kye` (did you mean `aws.kms.Key`?)",
    );
    says(
        &changed("name: backups are off\n    ", ""),
        "rules/aws/rds/pitr.yaml:20:5: the case has no `name` (add `name:`)",
    );
}

#[test]
fn related_documents_are_checked_too() {
    let text = KEYED.replacen(
        "{ Arn: \"arn:key/2\", KeyManager: AWS }] }\n    expect: fail",
        "{ Anr: x }] }\n    expect: fail",
        1,
    );
    says(
        &refused_at("aws/rds/keyed.yaml", &text),
        "rules/aws/rds/keyed.yaml:22:32: aws.kms.Key has no field `Anr` (did you mean `Arn`?)",
    );
}
