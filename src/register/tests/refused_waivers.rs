//! Every refusal of a waiver, where it stands.

use super::*;

#[track_caller]
fn refused(changes: &[(&str, &str)], expected: &[&str]) {
    let (read, errors) = read_waivers(&waiver(changes));
    assert_eq!(errors, expected);
    assert!(read.entries.is_empty());
    assert_eq!(read.invalid.len(), 1);
}

#[test]
fn every_missing_field_is_told_at_once() {
    let (read, errors) = read_waivers("version: 1\nwaivers:\n- risk: low\n");
    let missing = [
        "id",
        "check",
        "match",
        "reason",
        "owner",
        "approved_by",
        "approved_on",
        "expires",
    ];
    assert_eq!(errors.len(), missing.len());
    for (error, field) in errors.iter().zip(missing) {
        let start = format!("w.yaml:3:3: the waiver has no `{field}` (add `{field}:` (");
        assert!(error.starts_with(&start), "{error}");
    }
    assert_eq!(read.invalid[0].id, "entry 1");
}

#[test]
fn an_unknown_key_is_told_with_what_was_meant() {
    refused(
        &[("expire", "2026-12-31")],
        &["w.yaml:11:3: a waiver has no key `expire` (did you mean `expires`?)"],
    );
}

#[test]
fn a_criterion_cannot_be_waived() {
    refused(
        &[("check", "CC6.1")],
        &[
            "w.yaml:4:10: `CC6.1` is a criterion, not a check (a waiver is about the failures of one check; a criterion cannot be waived)",
        ],
    );
    refused(
        &[("controls", "[CC6.1]")],
        &[
            "w.yaml:11:3: a waiver has no key `controls` (a waiver is about the failures of one check; what follows for criteria follows from that)",
        ],
    );
    refused(
        &[("match", "{ region: x, control: CC6.1 }")],
        &["w.yaml:5:23: `match` has no key `control` (a waiver cannot be about a criterion)"],
    );
}

#[test]
fn what_is_unknown_cannot_be_waived() {
    let help = "(a waiver is about failures only: what is unknown has to be read)";
    refused(
        &[("outcome", "unknown")],
        &[&format!(
            "w.yaml:11:3: a waiver has no key `outcome` {help}"
        )],
    );
    refused(
        &[("match", "{ region: x, status: unknown }")],
        &[&format!("w.yaml:5:23: `match` has no key `status` {help}")],
    );
}

#[test]
fn a_check_is_named_exactly() {
    refused(
        &[("check", "aws.rds.*")],
        &[
            "w.yaml:4:10: `aws.rds.*` is a pattern, not a check (name one check exactly, and write one waiver for each)",
        ],
    );
    refused(
        &[("check", "aws.rds.multiaz")],
        &["w.yaml:4:10: there is no check `aws.rds.multiaz` (did you mean `aws.rds.multi_az`?)"],
    );
    refused(
        &[(
            "compensating_control",
            "{ description: Something else, checks: [aws.rds.automated_backup] }",
        )],
        &[
            "w.yaml:11:65: there is no check `aws.rds.automated_backup` (did you mean `aws.rds.automated_backups`?)",
        ],
    );
}

#[test]
fn selectors_are_those_of_the_check() {
    refused(
        &[("match", "{ acount: '1' }")],
        &["w.yaml:5:12: `match` has no key `acount` (did you mean `account`?)"],
    );
    refused(
        &[("match", "{ namespace: prod }")],
        &[
            "w.yaml:5:12: the check is not about Kubernetes: nothing has a namespace (select by account, region, resource or tags)",
        ],
    );
    refused(
        &[("check", "k8s.pdb.present")],
        &[
            "w.yaml:5:12: the check is not about AWS: nothing has a region (select by cluster, namespace, resource or tags)",
        ],
    );
    refused(
        &[("match", "{ provider: kubernetes, resource: x }")],
        &[
            "w.yaml:5:22: the check is not about Kubernetes (the provider is that of the check's id)",
        ],
    );
    refused(
        &[("match", "{ provider: azure }")],
        &["w.yaml:5:22: `provider` cannot be `azure` (it is one of: aws, kubernetes)"],
    );
    refused(
        &[("match", "{ account: 111122223333 }")],
        &["w.yaml:5:21: `account` is a text, not a whole number (put it in quotes)"],
    );
    refused(
        &[("match", "{ tags: {} }")],
        &[
            "w.yaml:5:12: `tags` names no tag (write a tag and its value: tags: { environment: sandbox })",
        ],
    );
}

#[test]
fn a_match_of_everything_has_to_be_meant() {
    let error = "w.yaml:5:3: `match` means every resource of the check (narrow it down, or say that it is meant so: allow_broad: true)";
    for broad in [
        "{ resource: '*' }",
        "{ resource: '**?' }",
        "{ resource: 'arn:aws:*' }",
        "{ resource: 'arn:aws:rds:*' }",
        "{ resource: 'arn:aws:rds:*:*:db:*' }",
        "{ resource: 'arn:aws:s3:::*' }",
        "{ resource: 'k8s://*/Pod/*' }",
        "{ resource: 'k8s://*/*/Pod/*' }",
        "{ provider: aws }",
        "{ provider: aws, region: '*', account: '*' }",
    ] {
        refused(&[("match", broad)], &[error]);
        let (read, errors) = read_waivers(&waiver(&[("match", broad), ("allow_broad", "true")]));
        assert_eq!((read.entries.len(), errors.len()), (1, 0));
    }
    for narrow in [
        "{ resource: 'arn:aws:rds:eu-west-1:*' }",
        "{ resource: 'arn:aws:rds:*:*:db:scratch-*' }",
        "{ resource: 'arn:aws:logs:*:*:log-group:/aws/lambda/*' }",
        "{ resource: 'arn:aws:rds:*', region: eu-west-1 }",
        "{ resource: 'k8s://*/sandbox/*' }",
        "{ resource: 'k8s://dev/*/Pod/*' }",
        "{ resource: 'k8s://*/Pod/scratch-*' }",
    ] {
        let (read, errors) = read_waivers(&waiver(&[("match", narrow)]));
        assert_eq!((read.entries.len(), errors.len()), (1, 0), "{narrow}");
    }
    refused(
        &[("match", "{}")],
        &[
            "w.yaml:5:3: `match` has no selector (give at least one of: provider, account, region, cluster, namespace, resource, tags)",
        ],
    );
}

#[test]
fn a_reason_is_a_sentence() {
    refused(
        &[("reason", "accepted risk")],
        &[
            "w.yaml:6:11: `reason` has 13 characters, not 20 (say it so that somebody who was not there understands it)",
        ],
    );
    refused(
        &[("reason", "'                         '")],
        &["w.yaml:6:3: `reason` is empty (write it, or take the key out)"],
    );
}

#[test]
fn nobody_approves_of_their_own_waiver() {
    for approver in [
        "data@example.com",
        "Data@Example.com",
        "'data@example.com  '",
    ] {
        refused(
            &[("approved_by", approver)],
            &[
                "w.yaml:8:16: the owner approves of their own waiver (let somebody else approve it, who answers for the risk)",
            ],
        );
    }
}

#[test]
fn a_day_must_exist_and_a_time_has_an_offset() {
    let moment = "(write a date such as \"2026-12-31\", or a time with its offset such as \"2026-12-31T12:00:00Z\")";
    refused(
        &[("expires", "2026-11-31")],
        &[&format!(
            "w.yaml:10:12: `expires` is a day that does not exist: 2026-11-31 {moment}"
        )],
    );
    refused(
        &[("expires", "2026-12-31T10:00:00")],
        &[&format!(
            "w.yaml:10:12: `expires` is a time without its offset: 2026-12-31T10:00:00 {moment}"
        )],
    );
    refused(
        &[("expires", "never")],
        &[&format!(
            "w.yaml:10:12: `expires` is no date: never {moment}"
        )],
    );
    refused(
        &[("approved_on", "2026-10-01T00:00:00Z")],
        &[
            "w.yaml:9:16: `approved_on` is no date: 2026-10-01T00:00:00Z (write a date such as \"2026-12-31\")",
        ],
    );
}

#[test]
fn a_waiver_does_not_hold_for_ever() {
    let (read, _) = read_waivers(&waiver(&[("expires", "2027-03-30")]));
    assert_eq!(read.entries.len(), 1, "180 days");
    refused(
        &[("expires", "2027-03-31")],
        &[
            "w.yaml:10:12: the waiver holds for more than 180 days after its approval (choose an earlier day and renew it then; `max_waiver_days` of soc2scan.yaml sets the limit, up to 365)",
        ],
    );
    refused(
        &[("expires", "2026-09-30")],
        &[
            "w.yaml:10:12: the waiver expires before it is approved (put `expires` after `approved_on`)",
        ],
    );
    refused(
        &[("not_before", "2027-01-01")],
        &["w.yaml:11:15: the waiver expires before it begins (put `not_before` before `expires`)"],
    );
}

#[test]
fn ids_are_plain_and_stand_once() {
    refused(
        &[("id", "w 1")],
        &[
            "w.yaml:3:7: `w 1` is no id (3 to 64 letters, digits, dots, hyphens or underscores, the first a letter or a digit)",
        ],
    );
    let mut text = waiver(&[]);
    let second = waiver(&[]);
    text.push_str(second.strip_prefix("version: 1\nwaivers:\n").unwrap());
    let (read, errors) = read_waivers(&text);
    assert_eq!(
        errors,
        ["w.yaml:11:7: the id `W-1` stands twice (give each entry its own id)"]
    );
    assert_eq!((read.entries.len(), read.invalid.len()), (1, 1));
}

#[test]
fn empty_pins_risks_and_controls_are_refused() {
    refused(
        &[("observed", "{}")],
        &[
            "w.yaml:11:3: `observed` names no value (name a fact of the finding's evidence and the value that was approved, or take the key out)",
        ],
    );
    refused(
        &[("risk", "tiny")],
        &["w.yaml:11:9: `risk` cannot be `tiny` (it is one of: low, medium, high, critical)"],
    );
    refused(
        &[(
            "compensating_control",
            "{ checks: [aws.rds.automated_backups] }",
        )],
        &["w.yaml:11:3: `compensating_control` has no `description` (add `description:`)"],
    );
    refused(
        &[(
            "compensating_control",
            "{ description: Something else, checks: [] }",
        )],
        &["w.yaml:11:56: `checks` is empty (name the checks that must pass, or take the key out)"],
    );
    refused(
        &[("allow_broad", "yes")],
        &["w.yaml:11:16: `allow_broad` is true or false, not a text"],
    );
}

#[test]
fn a_file_that_is_no_file_of_waivers_is_refused_as_a_whole() {
    for (text, expected) in [
        ("", "w.yaml:1:1: the file is empty"),
        ("waivers: []\n", "w.yaml:1:1: the file has no `version`"),
        (
            "version: 2\nwaivers: []\n",
            "w.yaml:1:10: there is only version 1",
        ),
        (
            "version: 1\nwaiver: []\n",
            "w.yaml:2:1: the file has no key `waiver` (did you mean `waivers`?)",
        ),
        (
            "version: 1\nwaivers: none\n",
            "w.yaml:2:10: `waivers` is a list, not a text",
        ),
        ("version: 1\nwaivers: [\n", "w.yaml:2:10: this is not YAML"),
    ] {
        let Err(Broken(errors)) = waivers("w.yaml", text, &checks(), 180) else {
            panic!("{text:?} is read");
        };
        let lines = lines(&errors);
        assert!(
            lines.iter().any(|line| line.starts_with(expected)),
            "{expected}: {lines:?}"
        );
    }
}
