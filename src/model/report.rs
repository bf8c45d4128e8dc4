//! A report: what follows from a snapshot under a rulebook. The JSON form is the contract `soc2scan.report/v1`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AttestationReport, Baseline, Call, Category, CheckStatus, ControlStatus, Coverage, Finding,
    Group, Kind, NotRun, Outcome, Platform, ScopeDecisionReport, Severity, Target, Tool,
    WaiverReport,
};

/// Everything that a scan concluded. Rule and control texts stand once; findings refer to them by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `soc2scan.report/v1`.
    #[schemars(extend("const" = "soc2scan.report/v1"))]
    pub schema: String,
    /// What made the scan.
    pub tool: Tool,
    /// The accounts and clusters that were scanned.
    pub targets: Vec<Target>,
    /// When the scan began: the report speaks of this moment only.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub taken_at: Timestamp,
    /// What the report rests on, by content.
    pub digests: Digests,
    /// The categories of the Trust Services Criteria in scope.
    pub categories: Vec<Category>,
    /// The rules that the scan was asked for, sorted, where that is not all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules_selected: Vec<String>,
    /// The days that the audit is about, where they are configured: what is attested for a period has to cover them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_period: Option<AuditPeriod>,
    /// The most days that a waiver may hold after its approval, where there is a file of waivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_waiver_days: Option<u16>,
    /// Criteria that management declares not applicable, as it is written in the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applicable: Vec<ScopeDecisionReport>,
    /// Platforms that were not scanned, and why. Their rules bear on no control.
    pub excluded: Vec<Exclusion>,
    /// The headline, in counts.
    pub summary: Summary,
    /// All 61 criteria, in the standard's order.
    pub controls: Vec<ControlReport>,
    /// Every rule of the rulebook, sorted by id.
    pub checks: Vec<CheckReport>,
    /// Every verdict, passes included, sorted by rule, kind and id.
    pub findings: Vec<Finding>,
    /// Every waiver, whatever came of it, sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<WaiverReport>,
    /// Every attestation, whatever came of it, sorted by topic and id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attestations: Vec<AttestationReport>,
    /// Every kind and scope that was asked for.
    pub coverage: Vec<Coverage>,
    /// Every operation that was asked, and how often.
    pub calls: Vec<Call>,
    /// The earlier report that this one was compared with; findings that fail or are unknown say how they stand to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// Rules that compared values of the wrong type: their verdicts are unknown, and the rule must be mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule_bugs: Vec<RuleBug>,
}

impl Report {
    pub const SCHEMA: &str = "soc2scan.report/v1";

    /// The criteria that count: in scope, and not declared not applicable.
    pub fn applicable(&self) -> impl Iterator<Item = &ControlReport> {
        self.controls.iter().filter(|control| {
            !matches!(
                control.status,
                ControlStatus::OutOfScope | ControlStatus::NotApplicable
            )
        })
    }

    /// The checks, by their rules.
    pub fn by_rule(&self) -> BTreeMap<&str, &CheckReport> {
        let checks = self.checks.iter();
        checks.map(|check| (check.rule.as_str(), check)).collect()
    }

    /// What a check is by itself: it fails because nothing exists, or a list of its kinds could not be read, and in some
    /// account or cluster no finding says so.
    pub fn open_by_itself<'a>(&self, check: &'a CheckReport) -> Option<OpenByItself<'a>> {
        let outcome = match check.status {
            CheckStatus::Fail => Outcome::Fail,
            CheckStatus::Unknown => Outcome::Unknown,
            _ => return None,
        };
        let findings = self.findings.iter();
        let told: BTreeSet<&str> = findings
            .filter(|finding| finding.rule == check.rule)
            .filter(|finding| finding.outcome == outcome)
            .map(|finding| finding.resource.scope.owner())
            .collect();
        let owners: Vec<&str> = check
            .by_target
            .iter()
            .filter(|(owner, status)| **status == check.status && !told.contains(owner.as_str()))
            .map(|(owner, _)| owner.as_str())
            .collect();
        let is_open = match check.by_target.is_empty() {
            true => told.is_empty(),
            false => !owners.is_empty(),
        };
        is_open.then_some(OpenByItself { outcome, owners })
    }

    /// The checks that decide nothing, since something else is enough in their place wherever they are required.
    pub fn made_up(&self) -> BTreeSet<&str> {
        let deciding: BTreeSet<&str> = self
            .applicable()
            .flat_map(ControlReport::deciding)
            .map(|check| check.rule.as_str())
            .collect();
        self.applicable()
            .flat_map(|control| &control.groups)
            .filter(|group| group.status.is_enough())
            .flat_map(|group| group.stands_for.iter().map(String::as_str))
            .filter(|rule| !deciding.contains(rule))
            .collect()
    }
}

/// A check that is open though none of its findings is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenByItself<'a> {
    /// Fails or is unknown.
    pub outcome: Outcome,
    /// The accounts or clusters where it is; empty where there is only the one.
    pub owners: Vec<&'a str>,
}

/// From the first day to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditPeriod {
    #[schemars(with = "String", extend("format" = "date"))]
    pub start: Date,
    #[schemars(with = "String", extend("format" = "date"))]
    pub end: Date,
}

impl fmt::Display for AuditPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start, self.end)
    }
}

/// SHA-256 of what the report rests on, in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digests {
    /// The rule files, each with its path, in order.
    pub rulebook: String,
    /// The snapshot as JSON lines.
    pub snapshot: String,
    /// The file of waivers, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waivers: Option<String>,
    /// The file of attestations, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestations: Option<String>,
}

/// A platform that was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Exclusion {
    pub platform: Platform,
    pub why: String,
}

/// The headline: counts over all criteria, over the checks and over the findings. Never one percentage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// All nine states, zero included.
    pub controls: BTreeMap<ControlStatus, usize>,
    pub checks: BTreeMap<CheckStatus, usize>,
    pub findings: Counts,
}

/// How many findings have each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    pub pass: usize,
    pub fail: usize,
    pub unknown: usize,
    pub not_applicable: usize,
}

impl Counts {
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail => self.fail += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
        }
    }

    /// The findings of what the rule applies to.
    pub fn judged(&self) -> usize {
        self.pass
            .saturating_add(self.fail)
            .saturating_add(self.unknown)
    }

    pub fn total(&self) -> usize {
        self.judged().saturating_add(self.not_applicable)
    }
}

/// One criterion in this report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlReport {
    pub id: String,
    /// Our own words; the AICPA's text is never quoted.
    pub title: String,
    pub category: Category,
    pub status: ControlStatus,
    /// The sentence that leads from the checks and attestations to the status.
    pub why: String,
    /// The rules that bear on the criterion, sorted by bearing and id.
    pub checks: Vec<ControlCheck>,
    /// What people must attest, in the order of the criterion's topics, then what they attest beyond that.
    pub attestations: Vec<Attested>,
    /// Where one of several is enough: each stands in place of the required checks that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
}

impl ControlReport {
    /// The group that stands in place of a required check.
    pub fn group(&self, rule: &str) -> Option<&Group> {
        let mut groups = self.groups.iter();
        groups.find(|group| group.stands_for.iter().any(|id| id == rule))
    }

    /// Whether a person attests that it does not operate.
    pub fn is_denied(&self) -> bool {
        let mine = self.attestations.iter().map(|attested| attested.status);
        let groups = self.groups.iter().flat_map(|group| &group.attestations);
        let mut all = mine.chain(groups.map(|(_, status)| *status));
        all.any(|status| status == AttestationStatus::Negative)
    }

    /// The required checks, without those that another member of their group makes up for.
    pub fn deciding(&self) -> impl Iterator<Item = &ControlCheck> {
        self.checks.iter().filter(|check| {
            let made_up = self
                .group(&check.rule)
                .is_some_and(|group| group.status.is_enough() && check.status != CheckStatus::Pass);
            check.bearing == Bearing::Required && !made_up
        })
    }
}

/// A rule that bears on a criterion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ControlCheck {
    pub bearing: Bearing,
    pub rule: String,
    pub status: CheckStatus,
}

/// Whether a rule decides a criterion's status or only supports it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Bearing {
    Required,
    /// Never changes a control's status.
    Supporting,
}

/// What is known of an attestation topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attested {
    pub topic: String,
    pub status: AttestationStatus,
    /// Whether the criterion asks for it. What it does not ask for never improves it.
    #[serde(default = "required", skip_serializing_if = "is_required")]
    pub bearing: Bearing,
}

impl Attested {
    /// Whether the criterion asks for it.
    pub fn is_asked(&self) -> bool {
        self.bearing == Bearing::Required
    }

    /// `valid`, or `valid (supporting)` where the criterion does not ask for it.
    pub fn state(&self) -> String {
        match self.bearing {
            Bearing::Required => self.status.as_str().to_owned(),
            Bearing::Supporting => format!("{} (supporting)", self.status.as_str()),
        }
    }
}

fn required() -> Bearing {
    Bearing::Required
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_required(bearing: &Bearing) -> bool {
    *bearing == Bearing::Required
}

/// The state of an attestation (status model, section 4), worst first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AttestationStatus {
    /// The attester says that the control does not operate.
    Negative,
    Invalid,
    Expired,
    Missing,
    /// Evidence, for 30 days at most.
    Expiring,
    Valid,
    /// The attester says that there is nothing to attest: neither evidence nor missing.
    NotApplicable,
}

impl AttestationStatus {
    pub const ALL: [AttestationStatus; 7] = [
        AttestationStatus::Negative,
        AttestationStatus::Invalid,
        AttestationStatus::Expired,
        AttestationStatus::Missing,
        AttestationStatus::Expiring,
        AttestationStatus::Valid,
        AttestationStatus::NotApplicable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            AttestationStatus::Negative => "negative",
            AttestationStatus::Invalid => "invalid",
            AttestationStatus::Expired => "expired",
            AttestationStatus::Missing => "missing",
            AttestationStatus::Expiring => "expiring",
            AttestationStatus::Valid => "valid",
            AttestationStatus::NotApplicable => "not_applicable",
        }
    }
}

/// One rule in this report, with its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    pub rule: String,
    pub title: String,
    pub severity: Severity,
    /// The kinds that the rule is about.
    pub resource: Vec<Kind>,
    pub status: CheckStatus,
    /// Why it was not run, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_run: Option<NotRun>,
    /// The status in each account or cluster, where there are several; the check's own is the worst of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_target: BTreeMap<String, CheckStatus>,
    pub coverage: CheckCoverage,
    pub counts: Counts,
    /// How many resources of its kinds it does not judge, since it judges the controller that made them: listed are these and
    /// those counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spoken_for: usize,
    pub required: Vec<String>,
    pub supporting: Vec<String>,
    /// Other checks of which one is enough in place of this one, for the criteria that require it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
    /// The topic that a person may attest in place of this check, for the criteria that require it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestable: Option<String>,
    /// The condition under which the rule speaks of a resource at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<String>,
    /// The condition that passes.
    pub assert: String,
    /// The named parts of the two conditions, in order; each may use those before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// The parameters that the expressions were evaluated with.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The parameter that names what the rule may sample. It is run only where that is not empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_in: Option<String>,
    pub why: String,
    pub fix: Fix,
    pub references: Vec<String>,
}

impl CheckReport {
    /// Whether it bears on no criterion, since what it asks about is no part of the scan.
    pub fn is_out_of_scope(&self) -> bool {
        self.not_run.is_some_and(NotRun::is_out_of_scope)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A named part of a rule's conditions, seen in them as `variables.NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Variable {
    pub name: String,
    pub expression: String,
}

/// How to reach the good state, by tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// AWS CLI commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cli: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// kubectl commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubectl: Option<String>,
    /// A Kubernetes manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yaml: Option<String>,
}

/// How much of what a rule speaks about was read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum CheckCoverage {
    Complete,
    Partial,
    None,
}

/// A rule that met a value of a type that it cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct RuleBug {
    pub rule: String,
    pub resource: String,
    pub message: String,
}
