//! Coverage: for each kind and scope that was asked for, whether the list is complete.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Scope, Unread};

/// One kind asked for in one scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    pub kind: Kind,
    pub scope: Scope,
    /// What was asked to read it, in order: what comes before the list, the list itself, and what is asked of each that it
    /// holds (`kms:ListKeys`, `kms:DescribeKey`; `GET /apis/apps/v1/deployments`). Nothing where files were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
    #[serde(flatten)]
    pub seen: Seen,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Seen {
    /// Listed to the end.
    Complete { count: usize },
    /// The provider says that it does not have this kind (a Kubernetes API group that is not installed): an answer.
    NotInstalled,
    /// Not listed, or not to the end: what is missing is unknown.
    Unread(Unread),
}

impl Coverage {
    /// Whether every resource of the kind in the scope is in the snapshot.
    pub fn is_complete(&self) -> bool {
        !matches!(self.seen, Seen::Unread(_))
    }
}
