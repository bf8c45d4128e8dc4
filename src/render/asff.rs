//! Findings for AWS Security Hub (ASFF 2018-10-08): a batch for BatchImportFindings on each line, AWS resources only.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::identity::fingerprint;
use super::json::set;
use super::ocsf::{detail, partition};
use super::register::Answers;
use super::sarif::how;
use super::text::{clean, is_web, shortened, words};
use crate::model::{CheckReport, Finding, Kind, Outcome, Report, Scope, Severity};

/// The most findings in one call.
const BATCH: usize = 100;

/// The longest that some fields may be.
const TITLE: usize = 256;
const DESCRIPTION: usize = 1_024;
const RECOMMENDATION: usize = 512;
const REQUIREMENTS: usize = 32;
const ID: usize = 512;

pub fn render(report: &Report) -> String {
    let checks: BTreeMap<&str, &CheckReport> = report
        .checks
        .iter()
        .map(|check| (check.rule.as_str(), check))
        .collect();
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
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let region = region.as_deref().unwrap_or("us-east-1");
        let value = convert(report, check, finding, &answers, account, region);
        places.entry((account, region)).or_default().push(value);
    }
    let mut lines = String::new();
    for findings in places.values() {
        for batch in findings.chunks(BATCH) {
            lines.push_str(&json!(batch).to_string());
            lines.push('\n');
        }
    }
    lines
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
    let partition = partition(arn)
        .filter(|name| ["aws-cn", "aws-us-gov"].contains(name))
        .unwrap_or("aws");
    let region: String = region
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let rule = shortened(&clean(&check.rule), TITLE);
    let moment = report.taken_at.to_string();
    let requirements: Vec<_> = check
        .required
        .iter()
        .chain(&check.supporting)
        .map(|id| format!("SOC 2 {}", shortened(&clean(id), 40)))
        .take(REQUIREMENTS)
        .collect();
    let mut recommendation = json!({
        "Text": shortened(&or_title(&how(&check.fix), check), RECOMMENDATION),
    });
    if let (Some(url), Some(fields)) = (check.references.first(), recommendation.as_object_mut())
        && is_web(url)
    {
        fields.insert("Url".to_owned(), json!(url));
    }
    let mut value = json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("soc2scan/{rule}/{}", fingerprint(finding)),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "GeneratorId": format!("soc2scan/{rule}"),
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards/SOC 2"],
        "CreatedAt": moment,
        "UpdatedAt": moment,
        "Severity": { "Label": severity(finding) },
        "Title": shortened(&or_title("", check), TITLE),
        "Description": shortened(&detail(finding, answers), DESCRIPTION),
        "Resources": [{
            "Type": kind(&finding.resource.kind),
            "Id": shortened(&clean(arn), ID),
            "Partition": partition,
            "Region": region,
        }],
        "Compliance": {
            "Status": status(finding),
            "RelatedRequirements": requirements,
        },
        "Remediation": { "Recommendation": recommendation },
        "RecordState": "ACTIVE",
    });
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

fn severity(finding: &Finding) -> &'static str {
    match (finding.outcome, finding.severity) {
        (Outcome::Pass | Outcome::NotApplicable, _) => "INFORMATIONAL",
        (_, Severity::Low) => "LOW",
        (_, Severity::Medium) => "MEDIUM",
        (_, Severity::High) => "HIGH",
        (_, Severity::Critical) => "CRITICAL",
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
        "aws.elbv2.LoadBalancer" => "AwsElbv2LoadBalancer",
        "aws.kms.Key" => "AwsKmsKey",
        "aws.rds.DBCluster" => "AwsRdsDbCluster",
        "aws.rds.DBInstance" => "AwsRdsDbInstance",
        "aws.s3.Bucket" => "AwsS3Bucket",
        "aws.wafv2.WebACL" => "AwsWafv2WebAcl",
        _ => "Other",
    }
}
