//! What loading refuses, each with its place and advice, and what a valid rule then does.
mod cases;
mod expressions;
mod form;
mod meaning;
mod rulebook;
mod verdicts;

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::model::{Kind, Outcome, Reason, Schema, Shape};

/// Two AWS kinds and one Kubernetes kind, with a field of each shape.
fn schema() -> Schema {
    let object = |fields: &[(&str, Shape)]| {
        let fields = fields
            .iter()
            .map(|(name, shape)| ((*name).to_owned(), shape.clone()));
        Shape::Object(fields.collect())
    };
    let listener = object(&[("Port", Shape::Integer), ("SslPolicy", Shape::String)]);
    let database = object(&[
        ("BackupRetentionPeriod", Shape::Integer),
        ("DBClusterIdentifier", Shape::String),
        ("Engine", Shape::String),
        ("KmsKeyId", Shape::String),
        ("LatestRestorableTime", Shape::Timestamp),
        ("Listeners", Shape::List(Box::new(listener))),
        ("MultiAZ", Shape::Boolean),
        ("Tags", Shape::Map(Box::new(Shape::String))),
    ]);
    let key = object(&[
        ("Arn", Shape::String),
        ("Description", Shape::String),
        ("KeyManager", Shape::String),
    ]);
    let spec = object(&[("replicas", Shape::Integer)]);
    let kinds = [
        ("aws.rds.DBInstance", database.clone()),
        ("aws.rds.DBCluster", database),
        ("aws.kms.Key", key),
        ("k8s.Deployment", object(&[("spec", spec)])),
    ];
    Schema {
        kinds: kinds
            .into_iter()
            .map(|(kind, shape)| (Kind::new(kind), shape))
            .collect(),
        shapes: BTreeMap::new(),
    }
}

const PITR: &str = r#"id: aws.rds.pitr
title: RDS databases can be restored to a point in time
resource: aws.rds.DBInstance
severity: high
controls: { required: [A1.2, CC7.5], supporting: [CC9.1] }
params:
  min_days: { type: int, default: 7, min: 1, max: 35, about: days of automated backups to keep }
applies: resource.DBClusterIdentifier == null && resource.Engine != "neptune"
assert: resource.BackupRetentionPeriod >= params.min_days && resource.LatestRestorableTime != null
when_empty: not_applicable
why: |
  Without it, a deleted table stays deleted.
fix:
  cli: aws rds modify-db-instance --backup-retention-period 7
references: [https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html]
tests:
  - name: seven days are kept
    resource: { BackupRetentionPeriod: 7, LatestRestorableTime: 2026-01-15T11:55:00Z }
    expect: pass
  - name: backups are off
    resource: { BackupRetentionPeriod: 0 }
    expect: fail
  - name: a member of a cluster
    resource: { BackupRetentionPeriod: 1, DBClusterIdentifier: orders }
    expect: not_applicable
"#;

const KEYED: &str = r#"id: aws.rds.keyed
title: RDS databases are encrypted with a key of yours
resource: [aws.rds.DBInstance, aws.rds.DBCluster]
severity: low
controls: { required: [CC6.1] }
variables:
  keys: related("aws.kms.Key").filter(key, key.Arn == resource.KmsKeyId)
  managers: variables.keys.map(key, key.KeyManager)
assert: variables.managers == ["CUSTOMER"]
when_empty: fail
why: A key of yours can be taken back.
fix: { cli: aws rds ... }
references: [https://docs.aws.amazon.com/kms/]
tests:
  - name: a key of yours
    resource: { KmsKeyId: "arn:key/1" }
    related: { aws.kms.Key: [{ Arn: "arn:key/1", KeyManager: CUSTOMER }, { Arn: "arn:key/2", KeyManager: AWS }] }
    expect: pass
  - name: a key of AWS
    kind: aws.rds.DBCluster
    resource: { KmsKeyId: "arn:key/2" }
    related: { aws.kms.Key: [{ Arn: "arn:key/2", KeyManager: AWS }] }
    expect: fail
  - name: the keys could not be listed
    resource: { KmsKeyId: "arn:key/2" }
    related: { aws.kms.Key: { $unread: { reason: denied, operation: kms:ListKeys } } }
    expect: unknown
"#;

fn pitr() -> Source {
    Source::new("aws/rds/pitr.yaml", PITR)
}

fn keyed() -> Source {
    Source::new("aws/rds/keyed.yaml", KEYED)
}

fn loaded(source: Source) -> Rule {
    let mut rulebook =
        load(&[source], &schema()).unwrap_or_else(|errors| panic!("{}", told(&errors)));
    rulebook.rules.remove(0)
}

fn told(errors: &[RuleError]) -> String {
    let lines: Vec<_> = errors.iter().map(RuleError::one_line).collect();
    lines.join("\n")
}

/// The errors of a rule file, each on one line.
fn refused(text: &str) -> String {
    refused_at("aws/rds/pitr.yaml", text)
}

fn refused_at(path: &str, text: &str) -> String {
    told(&load(&[Source::new(path, text)], &schema()).unwrap_err())
}

/// The errors of the example after a change.
fn changed(from: &str, to: &str) -> String {
    assert!(PITR.contains(from), "{from}");
    refused(&PITR.replacen(from, to, 1))
}

#[track_caller]
fn says(errors: &str, expected: &str) {
    assert_eq!(errors, expected);
}
