//! What a loaded rule says of a document, and the cases made by machine.

use super::*;

fn judged(rule: &Rule, name: &str) -> Judgement {
    let case = rule.cases.iter().find(|case| case.name == name).unwrap();
    run_case(rule, case).judgement
}

#[test]
fn the_evidence_is_what_was_read() {
    let judgement = judged(&loaded(pitr()), "backups are off");
    assert_eq!(judgement.outcome, Outcome::Fail);
    assert_eq!(
        json!(judgement.evidence),
        json!({
            "BackupRetentionPeriod": 0,
            "DBClusterIdentifier": null,
            "Engine": null,
            "LatestRestorableTime": null,
        })
    );
}

#[test]
fn what_does_not_apply_has_the_evidence_of_that_only() {
    let judgement = judged(&loaded(pitr()), "a member of a cluster");
    assert_eq!(judgement.outcome, Outcome::NotApplicable);
    assert_eq!(
        json!(judgement.evidence),
        json!({ "DBClusterIdentifier": "orders", "Engine": null })
    );
}

#[test]
fn variables_and_related_kinds_are_evidence() {
    let rule = loaded(keyed());
    let judgement = judged(&rule, "a key of AWS");
    assert_eq!(judgement.evidence["variables.managers"], json!(["AWS"]));
    assert_eq!(
        judgement.evidence["related(aws.kms.Key)"],
        json!({ "count": 1 })
    );
    let judgement = judged(&rule, "the keys could not be listed");
    assert_eq!(judgement.outcome, Outcome::Unknown);
    let reason = judgement.reason.unwrap();
    assert_eq!(
        (reason.reason, reason.operation.as_str()),
        (Reason::Denied, "kms:ListKeys")
    );
    assert!(judgement.evidence["related(aws.kms.Key)"]["$unread"].is_object());
}

#[test]
fn related_documents_are_shown_by_the_fields_that_were_read() {
    let text = KEYED.replace(
        "{ Arn: \"arn:key/1\", ",
        "{ Arn: \"arn:key/1\", Description: x, ",
    );
    let judgement = judged(
        &loaded(Source::new("aws/rds/keyed.yaml", text)),
        "a key of yours",
    );
    assert_eq!(
        judgement.evidence["variables.keys"],
        json!([{ "Arn": "arn:key/1", "KeyManager": "CUSTOMER" }])
    );
    assert_eq!(
        judgement.evidence["related(aws.kms.Key)"],
        json!({ "count": 2 })
    );
}

#[test]
fn a_variable_that_names_a_part_of_the_resource_is_shown_by_its_facts() {
    let text = PITR.replace(
        "applies: ",
        "variables:\n  listeners: resource.?Listeners.orValue([])\napplies: variables.listeners.exists(l, l.Port == 1 && l.SslPolicy == \"x\") || ",
    );
    let rule = loaded(Source::new("aws/rds/pitr.yaml", text));
    let mut case = rule.cases[1].clone();
    case.resource["Listeners"] = json!([{ "Port": 80 }, { "Port": 443, "SslPolicy": "y" }]);
    let evidence = run_case(&rule, &case).judgement.evidence;
    let shown: Vec<_> = evidence
        .keys()
        .filter(|name| name.to_lowercase().contains("listeners"))
        .collect();
    assert_eq!(shown, ["Listeners[].Port", "Listeners[].SslPolicy"]);
}

#[test]
fn nothing_is_shown_below_what_is_absent() {
    let text = PITR.replace(
        "applies: ",
        "applies: resource.?Listeners.orValue([]).exists(l, l.Port == 1 && l.SslPolicy == \"x\") || ",
    );
    let rule = loaded(Source::new("aws/rds/pitr.yaml", text));
    let evidence = judged(&rule, "backups are off").evidence;
    let shown: Vec<_> = evidence
        .keys()
        .filter(|name| name.contains("Listeners"))
        .collect();
    assert_eq!(shown, ["Listeners"]);
}

#[test]
fn a_value_of_a_type_that_the_rule_cannot_work_with_is_a_bug_and_no_verdict() {
    let rule = loaded(pitr());
    let mut case = rule.cases[0].clone();
    case.resource["BackupRetentionPeriod"] = json!("seven");
    let result = run_case(&rule, &case);
    assert_eq!(result.judgement.outcome, Outcome::Unknown);
    assert!(result.judgement.bug.is_some());
    assert!(!result.holds());
}

#[test]
fn an_absent_fact_that_the_rule_needs_makes_the_verdict_unknown() {
    let rule = loaded(pitr());
    let mut case = rule.cases[1].clone();
    case.resource = json!({ "LatestRestorableTime": "2026-01-15T11:55:00Z" });
    let judgement = run_case(&rule, &case).judgement;
    assert_eq!(judgement.outcome, Outcome::Unknown);
    let reason = judgement.reason.unwrap();
    assert_eq!(
        (reason.reason, reason.operation.as_str()),
        (Reason::MissingField, "BackupRetentionPeriod")
    );
}

#[test]
fn a_case_may_set_parameters() {
    let rule = loaded(pitr());
    let mut case = rule.cases[0].clone();
    case.params.insert("min_days".to_owned(), json!(14));
    assert_eq!(run_case(&rule, &case).judgement.outcome, Outcome::Fail);
}

#[test]
fn machine_made_cases_hide_every_fact_and_hold() {
    for rule in [loaded(pitr()), loaded(keyed())] {
        let cases = unread_cases(&rule);
        assert!(!cases.is_empty());
        for case in &cases {
            run_unread_case(&rule, case).unwrap_or_else(|why| panic!("{}: {why}", case.name));
        }
    }
    let names: Vec<_> = unread_cases(&loaded(keyed()))
        .into_iter()
        .map(|case| case.name)
        .collect();
    for name in [
        "a key of yours, without KmsKeyId",
        "a key of yours, without related(aws.kms.Key)",
        "a key of yours, without related(aws.kms.Key) KeyManager",
    ] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
}

#[test]
fn a_machine_made_case_catches_a_verdict_that_rests_on_nothing() {
    let rule = loaded(pitr());
    // As a scanner does that takes what it could not read for what is not there.
    let careless = |case: &Case| {
        let mut case = case.clone();
        if case.resource["DBClusterIdentifier"].is_object() {
            case.resource["DBClusterIdentifier"] = json!(null);
        }
        super::super::cases::decide_case(&rule, &case)
    };
    let made = unread_cases(&rule);
    let made = made
        .iter()
        .find(|case| case.name == "a member of a cluster, without DBClusterIdentifier")
        .unwrap();
    assert_eq!(
        unread::verify(made, careless).unwrap_err(),
        "hiding DBClusterIdentifier gives fail, but with true in its place the verdict is not_applicable"
    );
}

#[test]
fn a_fact_that_does_not_matter_may_be_hidden() {
    let rule = loaded(Source::new(
        "aws/rds/pitr.yaml",
        PITR.replace(
            "!= \"neptune\"",
            "!= \"neptune\" && (true || resource.MultiAZ)",
        ),
    ));
    let made = unread_cases(&rule);
    let made = made.iter().find(|case| case.fact == "MultiAZ").unwrap();
    run_unread_case(&rule, made).unwrap();
}
