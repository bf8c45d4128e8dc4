//! Findings for AWS Security Hub (ASFF 2018-10-08): a batch for BatchImportFindings on each line. They are of AWS resources
//! only; what is open by itself and what people wrote down goes to the first account.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::identity::{fingerprint, of};
use super::json::set;
use super::ocsf::detail;
use super::records::{Record, What, records};
use super::register::Answers;
use super::sarif::how;
use super::text::{clean, is_web, shortened, words};
use crate::model::{
    CheckReport, Finding, Kind, Outcome, Platform, Report, Scope, Severity, Target,
};

/// The most findings in one call.
const BATCH: usize = 100;

/// The longest that some fields may be.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1_024;
const RECOMMENDATION: usize = 512;
const REQUIREMENTS: usize = 32;
const ID: usize = 512;

pub fn render(report: &Report) -> String {
    let checks = report.by_rule();
    let answers = Answers::new(report);
    // A call takes findings of one account and one region.
    let mut places: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    for finding in &report.findings {
        let Scope::Aws { account, region } = &finding.resource.scope else {
            continue;
        };
        let Some(check) = checks.get(finding.rule.as_str()) else {
            continue;
        };
        if !is_account(account) {
            continue;
        }
        // What is of no region goes where the account was read first.
        let mut homes = report.targets.iter().filter_map(home);
        let home = homes.find_map(|(owner, region)| (owner == account).then_some(region));
        let region = region.as_deref().or(home).unwrap_or("us-east-1");
        let value = convert(report, check, finding, &answers, account, region);
        places.entry((account, region)).or_default().push(value);
    }
    if let Some((account, region)) = report.targets.iter().find_map(home) {
        let home = (account, region);
        for record in records(report) {
            if record.what.platform() == Some(Platform::Kubernetes) {
                continue;
            }
            let place = match record.what {
                What::List(row) if is_account(row.scope.owner()) => {
                    (row.scope.owner(), row.scope.place().unwrap_or(region))
                }
                _ => home,
            };
            let value = beside(report, &record, place);
            places.entry(place).or_default().push(value);
        }
    }
    let mut lines = String::new();
    for findings in places.values().filter(|findings| !findings.is_empty()) {
        for batch in findings.chunks(BATCH) {
            lines.push_str(&json!(batch).to_string());
            lines.push('\n');
        }
    }
    lines
}

fn is_account(id: &str) -> bool {
    id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where a target takes what is of no resource.
fn home(target: &Target) -> Option<(&str, &str)> {
    match target {
        Target::Aws {
            account, regions, ..
        } if is_account(account) => {
            let region = regions.first().map_or("us-east-1", String::as_str);
            Some((account, region))
        }
        _ => None,
    }
}

/// What every finding begins with.
fn envelope(
    report: &Report,
    generator: &str,
    fingerprint: &str,
    (account, region): (&str, &str),
    (kind, resource): (&str, &str),
) -> Value {
    let partition = partition(region);
    let moment = report.taken_at.to_string();
    let region: String = region
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("soc2scan/{generator}/{fingerprint}"),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "GeneratorId": format!("soc2scan/{generator}"),
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards/SOC 2"],
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Resources": [{
            "Type": kind,
            "Id": shortened(&clean(resource), ID),
            "Partition": partition,
            "Region": region,
        }],
        "RecordState": "ACTIVE",
    })
}

/// What is no finding. What people wrote down neither passes nor fails.
fn beside(report: &Report, record: &Record, place: (&str, &str)) -> Value {
    let name = record.what.name();
    let scope = record.what.scope().map(Scope::to_string);
    let fingerprint = of(&[name, &record.id, scope.as_deref().unwrap_or_default()]);
    let resource = format!("{name}/{}", record.id);
    let mut value = envelope(report, name, &fingerprint, place, ("Other", &resource));
    let status = match record.what.outcome() {
        Some(Outcome::Fail) => "FAILED",
        _ => "NOT_AVAILABLE",
    };
    let severity = record.severity().map_or(INFORMATIONAL, of_severity);
    for (field, told) in [
        ("Severity", json!({ "Label": severity })),
        ("Title", json!(shortened(&clean(&record.title()), TITLE))),
        (
            "Description",
            json!(shortened(&clean(&record.sentence), DESCRIPTION)),
        ),
        (
            "Compliance",
            json!({
                "Status": status,
                "RelatedRequirements": requirements(record.criteria.iter().copied()),
            }),
        ),
    ] {
        set(&mut value, field, told);
    }
    value
}

/// The partition that a region is in.
fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn requirements<'a>(criteria: impl Iterator<Item = &'a str>) -> Vec<String> {
    criteria
        .map(|id| format!("SOC 2 {}", shortened(&clean(id), 40)))
        .take(REQUIREMENTS)
        .collect()
}

fn convert(
    report: &Report,
    check: &CheckReport,
    finding: &Finding,
    answers: &Answers,
    account: &str,
    region: &str,
) -> Value {
    let arn = finding.resource.id.as_str();
    let rule = shortened(&clean(&check.rule), TITLE);
    let criteria = check.required.iter().chain(&check.supporting);
    let mut recommendation = json!({
        "Text": shortened(&or_title(&how(&check.fix), check), RECOMMENDATION),
    });
    if let (Some(url), Some(fields)) = (check.references.first(), recommendation.as_object_mut())
        && is_web(url)
    {
        fields.insert("Url".to_owned(), json!(url));
    }
    let mut value = envelope(
        report,
        &rule,
        &fingerprint(finding),
        (account, region),
        (kind(&finding.resource.kind), arn),
    );
    for (field, told) in [
        ("Severity", json!({ "Label": severity(finding) })),
        ("Title", json!(shortened(&or_title("", check), TITLE))),
        (
            "Description",
            json!(shortened(&detail(finding, answers), DESCRIPTION)),
        ),
        (
            "Compliance",
            json!({
                "Status": status(finding),
                "RelatedRequirements": requirements(criteria.map(String::as_str)),
            }),
        ),
        ("Remediation", json!({ "Recommendation": recommendation })),
    ] {
        set(&mut value, field, told);
    }
    if let Some(waiver) = answers.of(finding) {
        let fields = [
            ("id", &waiver.id),
            ("state", &words(waiver.state.as_str())),
            ("reason", &waiver.reason),
            ("owner", &waiver.owner),
            ("approved_by", &waiver.approved_by),
            ("approved_on", &waiver.approved_on),
            ("expires", &waiver.expires),
        ];
        let mut told = json!({});
        for (name, text) in fields.into_iter().filter(|(_, text)| !text.is_empty()) {
            let text = shortened(&clean(text), DESCRIPTION);
            set(&mut told, &format!("soc2scan/waiver/{name}"), text);
        }
        set(&mut value, "ProductFields", told);
    }
    value
}

fn or_title(text: &str, check: &CheckReport) -> String {
    let text = text.trim();
    let title = clean(&check.title);
    match (text, title.is_empty()) {
        ("", true) => clean(&check.rule),
        ("", false) => title,
        (text, _) => text.to_owned(),
    }
}

const INFORMATIONAL: &str = "INFORMATIONAL";

fn severity(finding: &Finding) -> &'static str {
    match finding.outcome {
        Outcome::Pass | Outcome::NotApplicable => INFORMATIONAL,
        Outcome::Fail | Outcome::Unknown => of_severity(finding.severity),
    }
}

fn of_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

fn status(finding: &Finding) -> &'static str {
    match finding.outcome {
        Outcome::Pass => "PASSED",
        Outcome::Fail if finding.waiver.is_some() => "WARNING",
        Outcome::Fail => "FAILED",
        Outcome::Unknown | Outcome::NotApplicable => "NOT_AVAILABLE",
    }
}

/// The name of Security Hub for a kind, where it has one.
fn kind(kind: &Kind) -> &'static str {
    match kind.as_str() {
        "aws.ecr.Repository" => "AwsEcrRepository",
        "aws.eks.Cluster" => "AwsEksCluster",
        "aws.elb.LoadBalancer" => "AwsElbLoadBalancer",
        "aws.elbv2.LoadBalancer" => "AwsElbv2LoadBalancer",
        "aws.kms.Key" => "AwsKmsKey",
        "aws.rds.DBCluster" => "AwsRdsDbCluster",
        "aws.rds.DBInstance" => "AwsRdsDbInstance",
        "aws.s3.Bucket" => "AwsS3Bucket",
        "aws.wafv2.WebACL" => "AwsWafv2WebAcl",
        _ => "Other",
    }
}
