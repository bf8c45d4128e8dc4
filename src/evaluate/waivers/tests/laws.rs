//! What holds of any waivers over any findings.

use proptest::prelude::*;

use super::*;
use crate::evaluate::status::{Scoping, control_status};
use crate::model::{AttestationStatus, ControlStatus};

const NOW: &str = "2026-02-01T00:00:00Z";

fn outcomes() -> impl Strategy<Value = Vec<(Outcome, usize, usize)>> {
    let outcome = prop_oneof![
        Just(Outcome::Pass),
        Just(Outcome::Fail),
        Just(Outcome::Unknown),
        Just(Outcome::NotApplicable),
    ];
    prop::collection::vec((outcome, 0..2usize, 0..2usize), 0..6)
}

fn entries() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..5usize, 0..3usize, 0..3usize), 0..5)
}

fn findings(outcomes: &[(Outcome, usize, usize)]) -> Vec<Finding> {
    let all = outcomes.iter().enumerate();
    all.map(|(index, (outcome, region, rule))| {
        finding(
            [RULE, OTHER][*rule],
            ["eu-west-1", "us-east-1"][*region],
            &format!("db-{index}"),
            *outcome,
        )
    })
    .collect()
}

fn made(entries: &[(usize, usize, usize)]) -> Waivers {
    let ids: Vec<_> = (0..entries.len())
        .map(|index| format!("W-{index}"))
        .collect();
    let control =
        format!(", compensating_control: {{description: Nightly rebuild, checks: [{OTHER}]}}");
    let all = entries.iter().zip(&ids);
    let entries: Vec<_> = all
        .map(|((selectors, expires, more), id)| {
            (
                id.as_str(),
                [
                    "region: eu-*",
                    "region: us-*",
                    "resource: '*db-1'",
                    "account: '1'",
                    "account: '2'",
                ][*selectors],
                ["2026-01-31", "2026-02-10", "2026-12-31"][*expires],
                ["", ", observed: {MultiAZ: true}", control.as_str()][*more],
            )
        })
        .collect();
    written(&entries)
}

/// The status of the check over its findings.
fn status(findings: &[Finding]) -> CheckStatus {
    let own = findings.iter().filter(|finding| finding.rule == RULE);
    let verdicts = own.map(|finding| Verdict {
        outcome: finding.outcome,
        waived: finding.waiver.is_some(),
    });
    check_status(verdicts, CheckCoverage::Complete, Outcome::NotApplicable)
}

proptest! {
    #[test]
    fn no_waiver_changes_an_outcome_or_touches_what_does_not_fail(outcomes in outcomes(), entries in entries()) {
        let before = findings(&outcomes);
        let (after, reports) = run(before.clone(), &made(&entries), &at(NOW));
        for (before, after) in before.iter().zip(&after) {
            let plain = Finding { waiver: None, waiver_expired: None, ..after.clone() };
            prop_assert_eq!(&plain, before);
            if before.outcome != Outcome::Fail {
                prop_assert_eq!(after, before);
            }
            prop_assert!(after.waiver.is_none() || after.waiver_expired.is_none());
        }
        prop_assert_eq!(reports.len(), entries.len());
        let applied: usize = reports.iter().map(|report| report.applied).sum();
        prop_assert_eq!(applied, after.iter().filter(|finding| finding.waiver.is_some()).count());
    }

    #[test]
    fn a_waiver_that_does_not_hold_leaves_the_failure(outcomes in outcomes(), entries in entries()) {
        let (after, reports) = run(findings(&outcomes), &made(&entries), &at(NOW));
        for finding in &after {
            if let Some(id) = &finding.waiver {
                let report = reports.iter().find(|report| report.id == *id).unwrap();
                prop_assert!(report.state != WaiverState::Expired && report.expires.as_str() > "2026-02-01");
                prop_assert_ne!(report.state, WaiverState::Pending);
            }
        }
        let expired: Vec<_> = entries.iter().map(|entry| (entry.0, 0, entry.2)).collect();
        let (after, _) = run(findings(&outcomes), &made(&expired), &at(NOW));
        prop_assert!(after.iter().all(|finding| finding.waiver.is_none()));
        prop_assert_eq!(status(&after), status(&findings(&outcomes)));
    }

    #[test]
    fn a_waiver_never_makes_a_control_met(outcomes in outcomes(), entries in entries(), attested in any::<bool>()) {
        let before = findings(&outcomes);
        let (after, _) = run(before.clone(), &made(&entries), &at(NOW));
        let attestations: &[AttestationStatus] = if attested { &[AttestationStatus::Valid] } else { &[] };
        let control = |findings: &[Finding]| control_status(Scoping::In, &[status(findings)], attestations);
        let (without, with) = (control(&before), control(&after));
        if with == ControlStatus::Met {
            prop_assert_eq!(without, ControlStatus::Met);
        }
        if without == ControlStatus::Unknown {
            prop_assert_eq!(with, ControlStatus::Unknown);
        }
        if with != without {
            prop_assert_eq!(without, ControlStatus::Gap);
        }
    }

    #[test]
    fn the_order_of_neither_matters(outcomes in outcomes(), entries in entries(), seed in any::<u64>()) {
        let waivers = made(&entries);
        let mut turned = waivers.clone();
        turned.entries.reverse();
        let half = turned.entries.len() / 2;
        turned.entries.rotate_left(usize::try_from(seed % 7).unwrap().min(half));
        let (after, reports) = run(findings(&outcomes), &waivers, &at(NOW));
        let mut backwards = findings(&outcomes);
        backwards.reverse();
        let (mut other, others) = run(backwards, &turned, &at(NOW));
        other.reverse();
        prop_assert_eq!(other, after);
        prop_assert_eq!(others, reports);
    }
}
