//! A snapshot: everything that one scan saw, and everything that it could not see.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::{Coverage, Exclusion, Resource};

/// What made the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    pub name: String,
    pub version: String,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// An account, a cluster or a set of manifests that was scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "platform", rename_all = "lowercase")]
pub enum Target {
    Aws {
        /// Twelve digits, or `unknown` when sts:GetCallerIdentity could not be read.
        account: String,
        /// The ARN of the principal that made the calls (sts:GetCallerIdentity, Arn).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<String>,
        regions: Vec<String>,
    },
    Kubernetes {
        cluster: String,
        /// The user that made the calls, as the API server knows it (SelfSubjectReview, status.userInfo.username).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<String>,
        /// The API server's version (GET /version, gitVersion).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    Manifests {
        /// What stands for the cluster in scopes and ids.
        cluster: String,
        /// The files and folders that were named; `stdin` for standard input.
        paths: Vec<String>,
        /// How many files were read.
        files: usize,
    },
}

impl Target {
    /// The account or the cluster.
    pub fn owner(&self) -> &str {
        match self {
            Target::Aws { account, .. } => account,
            Target::Kubernetes { cluster, .. } | Target::Manifests { cluster, .. } => cluster,
        }
    }
}

/// What it is, without what changes from scan to scan: `AWS account 123456789012`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Aws { account, .. } => write!(f, "AWS account {account}"),
            Target::Kubernetes { cluster, .. } => write!(f, "Kubernetes cluster {cluster}"),
            Target::Manifests { .. } => f.write_str("manifests"),
        }
    }
}

/// How often an operation was asked, attempts included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// `rds`, or `kubernetes`.
    pub service: String,
    /// `DescribeDBInstances`, or `GET /apis/apps/v1/deployments`.
    pub operation: String,
    pub count: u64,
}

/// Everything that one scan saw. Resources, coverage, targets and calls are sorted: see [`Snapshot::sort`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// When the scan began; the `now` of every rule.
    #[schemars(with = "String")]
    pub taken_at: Timestamp,
    pub tool: Tool,
    pub targets: Vec<Target>,
    /// Platforms that were not scanned, and why.
    pub excluded: Vec<Exclusion>,
    pub coverage: Vec<Coverage>,
    pub calls: Vec<Call>,
    pub resources: Vec<Resource>,
}

/// Why a text is no snapshot.
#[derive(Debug, Error)]
#[error("line {line}: {why}")]
pub struct NoSnapshot {
    pub line: usize,
    pub why: String,
}

impl Snapshot {
    pub const SCHEMA: &str = "soc2scan.snapshot/v1";

    /// A snapshot of nothing.
    pub fn empty(taken_at: Timestamp) -> Self {
        Self {
            taken_at,
            tool: Tool::this(),
            targets: Vec::new(),
            excluded: Vec::new(),
            coverage: Vec::new(),
            calls: Vec::new(),
            resources: Vec::new(),
        }
    }

    /// Takes in what another platform's scan of the same moment saw.
    pub fn merge(&mut self, other: Snapshot) {
        self.targets.extend(other.targets);
        self.excluded.extend(other.excluded);
        self.coverage.extend(other.coverage);
        self.calls.extend(other.calls);
        self.resources.extend(other.resources);
        self.sort();
    }

    /// Puts everything in the one order that makes equal scans equal bytes.
    pub fn sort(&mut self) {
        self.targets.sort();
        self.excluded.sort();
        self.coverage.sort();
        self.calls.sort();
        self.resources.sort_by(|a, b| a.key().cmp(&b.key()));
    }

    /// The snapshot as JSON lines: a header, then one resource a line.
    pub fn to_json_lines(&self) -> String {
        let header = serde_json::json!({
            "schema": Self::SCHEMA,
            "taken_at": self.taken_at,
            "tool": self.tool,
            "targets": self.targets,
            "excluded": self.excluded,
            "coverage": self.coverage,
            "calls": self.calls,
        });
        let mut lines = header.to_string();
        lines.push('\n');
        for resource in &self.resources {
            lines.push_str(&serde_json::json!(resource).to_string());
            lines.push('\n');
        }
        lines
    }

    /// Reads what [`Snapshot::to_json_lines`] wrote. What a provider's API answered stands once; an object may be
    /// written twice in manifests.
    pub fn from_json_lines(text: &str) -> Result<Self, NoSnapshot> {
        let wrong = |line: usize, why: String| NoSnapshot { line, why };
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let mut header: serde_json::Map<String, Value> =
            serde_json::from_str(head).map_err(|error| wrong(1, error.to_string()))?;
        let schema = header.remove("schema").unwrap_or_default();
        if schema != Self::SCHEMA {
            let why = format!("the schema is {schema}, not {:?}", Self::SCHEMA);
            return Err(wrong(1, why));
        }
        header.insert("resources".to_owned(), Value::Array(Vec::new()));
        let mut snapshot: Self = serde_json::from_value(Value::Object(header))
            .map_err(|error| wrong(1, error.to_string()))?;
        for (index, line) in lines.enumerate() {
            let resource = serde_json::from_str(line);
            let resource = resource.map_err(|error| wrong(index + 2, error.to_string()))?;
            snapshot.resources.push(resource);
        }
        let mut names = BTreeSet::new();
        for (index, resource) in snapshot.resources.iter().enumerate() {
            let name = (&resource.kind, &resource.id, &resource.scope);
            if resource.origin.is_none() && !names.insert(name) {
                let why = format!("{} stands twice", resource.id);
                return Err(wrong(index + 2, why));
            }
        }
        Ok(snapshot)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Kind, Origin, ResourceId, Scope, Seen};

    #[test]
    fn what_was_written_is_read_again() {
        let mut snapshot = Snapshot::empty("2026-01-01T00:00:00Z".parse().unwrap());
        let scope = Scope::aws("123456789012", Some("us-east-1"));
        snapshot.coverage.push(Coverage {
            kind: Kind::new("aws.kms.Key"),
            scope: scope.clone(),
            asked: Vec::new(),
            seen: Seen::Complete { count: 1 },
        });
        snapshot.resources.push(Resource {
            kind: Kind::new("aws.kms.Key"),
            id: ResourceId::new("arn:aws:kms:us-east-1:123456789012:key/1"),
            scope,
            origin: None,
            document: json!({"Half": 0.1, "Large": u64::MAX, "Text": "two\nlines\u{2028}"}),
        });
        let lines = snapshot.to_json_lines();
        let read = Snapshot::from_json_lines(&lines).unwrap();
        assert_eq!(read, snapshot);
        assert_eq!(read.to_json_lines(), lines);
    }

    #[test]
    fn what_is_no_snapshot_is_told_by_its_line() {
        let told = |text: &str| Snapshot::from_json_lines(text).unwrap_err().to_string();
        assert!(told("").starts_with("line 1: "));
        assert_eq!(
            told("{}"),
            "line 1: the schema is null, not \"soc2scan.snapshot/v1\""
        );
        let header = Snapshot::empty(Timestamp::UNIX_EPOCH).to_json_lines();
        assert!(told(&format!("{header}{{}}\n")).starts_with("line 2: missing field"));
    }

    #[test]
    fn what_stands_twice_is_refused_unless_it_is_written_twice() {
        let mut snapshot = Snapshot::empty(Timestamp::UNIX_EPOCH);
        let mut resource = Resource {
            kind: Kind::new("aws.kms.Key"),
            id: ResourceId::new("arn:k"),
            scope: Scope::aws("123456789012", Some("us-east-1")),
            origin: None,
            document: json!({}),
        };
        snapshot.resources.push(resource.clone());
        let there = resource.scope.clone();
        resource.scope = Scope::aws("123456789012", Some("us-west-2"));
        snapshot.resources.push(resource.clone());
        let read = |snapshot: &Snapshot| Snapshot::from_json_lines(&snapshot.to_json_lines());
        assert_eq!(read(&snapshot).unwrap(), snapshot);
        resource.scope = there;
        resource.document = json!({"Enabled": true});
        snapshot.resources.push(resource);
        let error = read(&snapshot).unwrap_err();
        assert_eq!(error.to_string(), "line 4: arn:k stands twice");
        for resource in &mut snapshot.resources {
            resource.origin = Some(Origin {
                file: "a.json".to_owned(),
                line: 1,
                column: 1,
            });
        }
        assert_eq!(read(&snapshot).unwrap(), snapshot);
    }
}
