//! A resource: one thing that a provider lists, under the provider's own name for its kind.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where resources come from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Aws,
    Kubernetes,
}

impl Platform {
    pub const ALL: [Platform; 2] = [Platform::Aws, Platform::Kubernetes];

    /// As files name it; [`Display`](fmt::Display) is for sentences.
    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Aws => "aws",
            Platform::Kubernetes => "kubernetes",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Platform::Aws => "AWS",
            Platform::Kubernetes => "Kubernetes",
        })
    }
}

/// A resource kind as its provider names it: `aws.rds.DBInstance`, `k8s.Deployment`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Kind(String);

impl Kind {
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The platform that the name's first segment says: `k8s` is Kubernetes, everything else AWS.
    pub fn platform(&self) -> Platform {
        if self.0.starts_with("k8s.") {
            Platform::Kubernetes
        } else {
            Platform::Aws
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An ARN, or `k8s://<cluster>/<namespace>/<Kind>/<name>` (the namespace is empty for cluster-scoped kinds).
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The part of the world that a resource lives in, or that a kind was asked for in.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "platform", rename_all = "lowercase")]
pub enum Scope {
    Aws {
        account: String,
        /// Absent for global services.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
    Kubernetes {
        cluster: String,
        /// Absent for cluster-scoped kinds and for lists over all namespaces.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
    },
}

impl Scope {
    pub fn aws(account: impl Into<String>, region: Option<&str>) -> Self {
        Scope::Aws {
            account: account.into(),
            region: region.map(str::to_owned),
        }
    }

    pub fn kubernetes(cluster: impl Into<String>, namespace: Option<&str>) -> Self {
        Scope::Kubernetes {
            cluster: cluster.into(),
            namespace: namespace.filter(|name| !name.is_empty()).map(str::to_owned),
        }
    }

    pub fn platform(&self) -> Platform {
        match self {
            Scope::Aws { .. } => Platform::Aws,
            Scope::Kubernetes { .. } => Platform::Kubernetes,
        }
    }

    /// The account or the cluster.
    pub fn owner(&self) -> &str {
        match self {
            Scope::Aws { account, .. } => account,
            Scope::Kubernetes { cluster, .. } => cluster,
        }
    }

    /// The region or the namespace, where there is one.
    pub fn place(&self) -> Option<&str> {
        match self {
            Scope::Aws { region, .. } => region.as_deref(),
            Scope::Kubernetes { namespace, .. } => namespace.as_deref(),
        }
    }

    /// Whether a rule about a resource in `self` may relate it to one in `other`: the same account or cluster, and the
    /// same region or namespace unless one of the two spans all of them.
    pub fn meets(&self, other: &Scope) -> bool {
        self.platform() == other.platform()
            && self.owner() == other.owner()
            && match (self.place(), other.place()) {
                (Some(mine), Some(theirs)) => mine == theirs,
                _ => true,
            }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Some(place) => write!(f, "{}/{place}", self.owner()),
            None => f.write_str(self.owner()),
        }
    }
}

/// The place in a file that a resource was read from. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// The path as it was found from what the command line names; `stdin` for standard input.
    pub file: String,
    pub line: u64,
    pub column: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One resource with its provider's whole answer about it.
///
/// `document` has the fields and spelling of the AWS CLI or of `kubectl -o json`; absent is null, not read is an
/// [`Unread`](super::Unread) marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    pub kind: Kind,
    pub id: ResourceId,
    pub scope: Scope,
    /// Where it is written; absent for what a provider's API answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    pub document: serde_json::Value,
}

impl Resource {
    /// The order of resources in a snapshot.
    pub fn key(&self) -> (&Kind, &ResourceId) {
        (&self.kind, &self.id)
    }
}
