//! The form of a file: what is refused before anything is understood.

use proptest::prelude::*;

use super::*;

#[test]
fn a_syntax_error_has_its_place() {
    let errors = changed("severity: high", "severity: [high");
    assert!(errors.starts_with("rules/aws/rds/pitr.yaml:5:"), "{errors}");
    assert!(errors.contains("this is not YAML: "), "{errors}");
}

#[test]
fn an_empty_file_says_how_to_begin() {
    says(
        &refused("# nothing\n"),
        "rules/aws/rds/pitr.yaml:1:1: the file is empty (write one with `soc2scan rules new aws.rds.pitr`)",
    );
}

#[test]
fn a_file_that_is_no_map_is_refused() {
    says(
        &refused("- a\n"),
        "rules/aws/rds/pitr.yaml:1:3: a rule file is a map, not a list",
    );
}

#[test]
fn an_unknown_key_is_told_with_the_one_that_was_meant() {
    says(
        &changed("severity: high", "severity: high\nseverty: low"),
        "rules/aws/rds/pitr.yaml:5:1: a rule file has no key `severty` (did you mean `severity`?)",
    );
    says(
        &changed("min: 1,", "minimum: 1,"),
        "rules/aws/rds/pitr.yaml:7:38: the parameter `min_days` has no key `minimum` (known here: `type`, `default`, `min`, `max`, `values`, `about`)",
    );
    says(
        &changed("  cli:", "  clii: x\n  cli:"),
        "rules/aws/rds/pitr.yaml:14:3: `fix` has no key `clii` (did you mean `cli`?)",
    );
    says(
        &changed("    expect: fail", "    expects: x\n    expect: fail"),
        "rules/aws/rds/pitr.yaml:22:5: a case has no key `expects` (did you mean `expect`?)",
    );
}

#[test]
fn a_key_that_stands_twice_is_told_at_the_second() {
    says(
        &changed("severity: high", "severity: high\nseverity: low"),
        "rules/aws/rds/pitr.yaml:5:1: the key `severity` stands twice (keep one of the two)",
    );
}

#[test]
fn a_wrong_type_is_told_at_its_value() {
    says(
        &changed(
            "title: RDS databases can be restored to a point in time",
            "title: 7",
        ),
        "rules/aws/rds/pitr.yaml:2:8: `title` is a text, not a whole number (put it in quotes)",
    );
    says(
        &changed(
            "references: [https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html]",
            "references: https://a.b",
        ),
        "rules/aws/rds/pitr.yaml:15:13: `references` is a list of texts, not a text",
    );
    says(
        &changed(
            "  cli: aws rds modify-db-instance --backup-retention-period 7",
            "  - cli",
        ),
        "rules/aws/rds/pitr.yaml:14:5: `fix` is a map, not a list",
    );
    says(
        &changed(
            "resource: { BackupRetentionPeriod: 0 }",
            "resource: nothing",
        ),
        "rules/aws/rds/pitr.yaml:21:15: `resource` is a map, not a text",
    );
}

#[test]
fn every_missing_key_is_told() {
    let errors = refused("id: aws.rds.pitr\n");
    for key in file::REQUIRED.iter().filter(|key| **key != "id") {
        let message = format!("rules/aws/rds/pitr.yaml:1:1: the rule has no `{key}` (add `{key}:");
        assert!(errors.contains(&message), "{message}\n{errors}");
    }
    assert_eq!(errors.lines().count(), file::REQUIRED.len() - 1);
}

#[test]
fn why_fix_and_references_must_say_something() {
    says(
        &changed("  Without it, a deleted table stays deleted.\n", ""),
        "rules/aws/rds/pitr.yaml:11:1: `why` is empty (write it, or take the key out)",
    );
    says(
        &changed(
            "fix:\n  cli: aws rds modify-db-instance --backup-retention-period 7",
            "fix: {}",
        ),
        "rules/aws/rds/pitr.yaml:13:1: `fix` tells no way to the good state (give at least one of: cli, terraform, kubectl, yaml)",
    );
    says(
        &changed(
            "[https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html]",
            "[]",
        ),
        "rules/aws/rds/pitr.yaml:15:1: `references` is empty (give at least one https address that says why this is the good state)",
    );
    says(
        &changed(
            "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html",
            "javascript:alert(1)",
        ),
        "rules/aws/rds/pitr.yaml:15:14: `javascript:alert(1)` is no https address (write the whole address: https://...)",
    );
}

#[test]
fn what_a_terminal_would_obey_is_refused() {
    says(
        &changed(
            "title: RDS databases can be restored to a point in time",
            "title: \"\\e[31mred\"",
        ),
        "rules/aws/rds/pitr.yaml:2:8: `title` holds the invisible character U+001B (take it out)",
    );
}

#[test]
fn all_errors_of_all_files_are_told_at_once() {
    let first = PITR.replace("severity: high", "severity: hihg");
    let first = first.replace("when_empty: not_applicable", "when_empty: nothing");
    let second = KEYED.replace("[CC6.1]", "[CC6.11]");
    let sources = [
        Source::new("aws/rds/pitr.yaml", first),
        Source::new("aws/rds/keyed.yaml", second),
    ];
    says(
        &told(&load(&sources, &schema()).unwrap_err()),
        "rules/aws/rds/keyed.yaml:5:24: there is no criterion `CC6.11` (did you mean `CC6.1`?)\n\
         rules/aws/rds/pitr.yaml:4:11: there is no severity `hihg` (did you mean `high`?)\n\
         rules/aws/rds/pitr.yaml:10:13: there is no value of when_empty `nothing` (known here: `not_applicable`, `fail`, `unknown`, `pass`)",
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_move_no_place() {
    let text = PITR.replace("severity: high", "severity: hihg");
    let expected =
        "rules/aws/rds/pitr.yaml:4:11: there is no severity `hihg` (did you mean `high`?)";
    says(&refused(&text.replace('\n', "\r\n")), expected);
    says(&refused(&format!("\u{feff}{text}")), expected);
}

/// The error as a terminal shows it.
fn rendered(error: &RuleError) -> String {
    let mut shown = String::new();
    miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
        .render_report(&mut shown, error)
        .unwrap();
    shown
}

proptest! {
    #[test]
    fn whatever_a_file_holds_it_is_a_rule_or_its_errors_have_a_place(
        at in 0..KEYED.len(),
        len in 0..40usize,
        instead in prop_oneof![".{0,8}", "[ \\n:\\[\\]{}'\"|>&*#-]{0,6}", "(\\$unread|<<|null|true|1e9|\\\\e|é|\u{202e})"],
    ) {
        let start = KEYED.floor_char_boundary(at);
        let end = KEYED.floor_char_boundary((at + len).min(KEYED.len()));
        let text = format!("{}{instead}{}", &KEYED[..start], &KEYED[end..]);
        if let Err(errors) = load(&[Source::new("aws/rds/keyed.yaml", &text)], &schema()) {
            for error in errors {
                let line = text.split('\n').nth(error.line() - 1);
                prop_assert!(line.is_some_and(|line| error.column() <= line.chars().count() + 1), "{}", error.one_line());
                prop_assert!(rendered(&error).contains("aws/rds/keyed.yaml:"), "{}", error.one_line());
            }
        }
    }
}
