//! The Kubernetes end of collection: what kinds there are, what reading them takes, and reading them.

mod permissions;
mod shapes;
mod table;

#[cfg(feature = "kubernetes")]
mod collect;
#[cfg(feature = "kubernetes")]
mod kubeconfig;
#[cfg(feature = "kubernetes")]
mod list;
#[cfg(feature = "kubernetes")]
mod logs;
#[cfg(feature = "kubernetes")]
mod proxy;
#[cfg(feature = "kubernetes")]
mod server;
#[cfg(feature = "kubernetes")]
mod session;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(feature = "kubernetes")]
pub use kubeconfig::OpenError;
pub use permissions::cluster_role;
#[cfg(feature = "kubernetes")]
pub use session::Session;
pub use shapes::schema;
pub use table::{Content, Entry, Reach, entries, planned_calls};

/// Which cluster to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The kubeconfig file; otherwise `KUBECONFIG`, `~/.kube/config`, or the service account of the pod that this runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig; otherwise its current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The cluster's name, once it is known: what a replay needs in place of a kubeconfig.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// How long one call may take; otherwise 30 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
}
