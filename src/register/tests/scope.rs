//! What a configuration may declare not applicable, and what is refused where.

use super::*;

const DECISION: &str = "\
aws: {}
not_applicable:
  - controls: [C1.2]
    reason: All data is public records; nothing confidential is kept.
    owner: data@example.com
    approved_by: ciso@example.com
    approved_on: 2026-10-01
";

fn read(text: &str) -> Result<Vec<ScopeDecision>, Vec<String>> {
    scope_decisions("soc2scan.yaml", text).map_err(|errors| lines(&errors))
}

fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(DECISION.contains(from), "{from}");
    read(&DECISION.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn a_decision_has_its_reason_and_two_people() {
    let decisions = read(DECISION).unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0].controls, ["C1.2"]);
    assert_eq!(decisions[0].owner, "data@example.com");
    assert_eq!(decisions[0].approved_on.to_string(), "2026-10-01");
    assert_eq!(read("aws: {}\n").unwrap(), []);
    assert_eq!(read("not_applicable:\n").unwrap(), []);
}

#[test]
fn a_common_criterion_applies_unless_it_is_allowed_not_to() {
    assert_eq!(
        changed("[C1.2]", "[C1.2, CC6.4]"),
        [
            "soc2scan.yaml:3:22: CC6.4 is a common criterion: it always applies (take it out; if your auditor agrees that it \
             does not apply, write `allow_cc_na: true`)"
        ]
    );
    let text = DECISION.replace("[C1.2]", "CC6.4") + "allow_cc_na: true\n";
    assert_eq!(read(&text).unwrap()[0].controls, ["CC6.4"]);
    assert!(read(&(DECISION.replace("[C1.2]", "CC6.4") + "allow_cc_na: false\n")).is_err());
}

#[test]
fn everything_that_is_wrong_is_told_at_its_place() {
    assert_eq!(
        changed(
            "All data is public records; nothing confidential is kept.",
            "n/a"
        ),
        [
            "soc2scan.yaml:4:13: `reason` has 3 characters, not 20 (say it so that somebody who was not there understands \
             it)"
        ]
    );
    assert_eq!(
        changed("ciso@example.com", "Data@example.com"),
        [
            "soc2scan.yaml:6:18: the owner approves of their own decision (let somebody else approve it, who answers for \
             the risk)"
        ]
    );
    assert_eq!(
        changed("C1.2", "C1.9"),
        ["soc2scan.yaml:3:16: there is no criterion `C1.9` (did you mean `C1.1`?)"]
    );
    assert_eq!(
        changed("[C1.2]", "[C1.1, C1.2]\n    expires: 2027-01-01"),
        [
            "soc2scan.yaml:4:5: a scope decision has no key `expires` (known here: `controls`, `reason`, `owner`, \
             `approved_by`, `approved_on`)"
        ]
    );
    assert_eq!(
        changed("    approved_on: 2026-10-01\n", ""),
        [
            "soc2scan.yaml:3:5: the scope decision has no `approved_on` (add `approved_on:` (the date on which it was \
             allowed))"
        ]
    );
    assert_eq!(
        changed("2026-10-01", "2026-13-01").len(),
        1,
        "there is no such month"
    );
    let twice = format!("{DECISION}{}", DECISION.split_once("able:\n").unwrap().1);
    assert_eq!(
        read(&twice).unwrap_err(),
        ["soc2scan.yaml:8:16: C1.2 is declared not applicable twice (keep one of the two)"]
    );
    assert_eq!(
        read("not_applicable: { C1.2: no }\n").unwrap_err(),
        ["soc2scan.yaml:1:19: `not_applicable` is a list of decisions, not a map"]
    );
}
