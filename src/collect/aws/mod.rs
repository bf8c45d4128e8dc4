//! AWS: the table of kinds, the decoding of answers by the service models, and the session that asks.

#[cfg(feature = "aws")]
mod call;
#[cfg(feature = "aws")]
mod collect;
pub mod decode;
#[cfg(any(feature = "aws", test))]
mod document;
mod entries;
#[cfg(feature = "aws")]
mod modeled;
#[cfg(feature = "aws")]
mod pages;
pub mod permissions;
#[cfg(feature = "aws")]
mod profile;
pub mod regions;
#[cfg(any(feature = "aws", test))]
mod request;
mod schema;
#[cfg(feature = "aws")]
mod session;
pub mod shapes;
#[cfg(feature = "aws")]
mod sweep;
pub mod table;
mod xml;

use serde::{Deserialize, Serialize};

pub use entries::entries;
pub use permissions::{planned_calls, policy};
pub use regions::Regions;
pub use schema::schema;
#[cfg(feature = "aws")]
pub use session::{Limits, OpenError, Session};
pub use table::Entry;

/// Which account to read, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The profile of the AWS configuration; otherwise `AWS_PROFILE`, or the default credential chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The region that is asked who the caller is; otherwise the profile's or the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    #[serde(default)]
    pub regions: Regions,
}
