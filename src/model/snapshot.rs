//! A snapshot: everything that one scan saw, and everything that it could not see.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
}
