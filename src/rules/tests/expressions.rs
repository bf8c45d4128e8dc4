//! Expressions: every problem at its own place in the file.

use super::*;

/// Checks the place and the beginning of the only error of the example after a change.
#[track_caller]
fn at(from: &str, to: &str, place: &str, word: &str) {
    let errors = changed(from, to);
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(
        errors.starts_with(&format!("rules/aws/rds/pitr.yaml:{place}: ")),
        "{errors}"
    );
    assert!(errors.contains(word), "{errors}");
}

const ASSERT: &str = "assert: resource.BackupRetentionPeriod >= params.min_days && resource.LatestRestorableTime != null";

#[test]
fn an_unknown_field_is_underlined_in_a_plain_scalar() {
    at(
        ".BackupRetentionPeriod >=",
        ".BackupRetentionPeroid >=",
        "9:18",
        "did you mean `BackupRetentionPeriod`?",
    );
}

#[test]
fn an_unknown_field_is_underlined_in_quotes() {
    at(
        ASSERT,
        "assert: \"resource.Engine != \\\"x\\\" && resource.BackupRetentionPeroid >= params.min_days\"",
        "9:47",
        "did you mean `BackupRetentionPeriod`?",
    );
    at(
        ASSERT,
        "assert: 'resource.Engine != ''x'' && resource.BackupRetentionPeroid >= params.min_days'",
        "9:47",
        "did you mean `BackupRetentionPeriod`?",
    );
}

#[test]
fn an_unknown_field_is_underlined_in_a_block() {
    let literal =
        "assert: |\n  resource.MultiAZ &&\n    resource.BackupRetentionPeroid >= params.min_days";
    at(
        ASSERT,
        literal,
        "11:14",
        "did you mean `BackupRetentionPeriod`?",
    );
    let folded = literal.replace('|', ">-");
    at(
        ASSERT,
        &folded,
        "11:14",
        "did you mean `BackupRetentionPeriod`?",
    );
}

#[test]
fn a_syntax_error_in_an_expression_has_its_place() {
    let errors = changed(
        ASSERT,
        "assert: resource.BackupRetentionPeriod >= && params.min_days",
    );
    assert!(
        errors.starts_with("rules/aws/rds/pitr.yaml:9:43: "),
        "{errors}"
    );
}

#[test]
fn unknown_names_are_refused() {
    at(
        "params.min_days",
        "params.min_dais",
        "9:50",
        "did you mean `min_days`?",
    );
    at(
        ASSERT,
        "assert: variables.days > 1 && params.min_days > 1",
        "9:19",
        "days",
    );
    at(
        ASSERT,
        "assert: size(related(\"aws.kms.Kye\")) > params.min_days",
        "9:22",
        "did you mean `aws.kms.Key`?",
    );
}

#[test]
fn has_is_refused() {
    at(
        ASSERT,
        "assert: has(resource.MultiAZ) && params.min_days > 1",
        "9:9",
        "has()",
    );
}

#[test]
fn a_variable_sees_only_those_before_it() {
    at(
        "applies: ",
        "variables:\n  first: variables.second\n  second: resource.MultiAZ\napplies: variables.first && ",
        "9:20",
        "second",
    );
}

#[test]
fn several_expressions_are_told_at_once() {
    let text = PITR
        .replace(".Engine", ".Engin")
        .replace(".LatestRestorableTime !=", ".LatestRestorabelTime !=");
    assert_eq!(refused(&text).lines().count(), 2, "{}", refused(&text));
}
