//! Collection: asks the providers for what the rules need, and says what it could not read.

pub mod aws;
pub mod kubernetes;
pub mod manifests;

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::glob;
use crate::model::{Kind, Schema};

/// What the selected rules need: each kind, with the top-level fields of its document that they read.
///
/// A kind is listed only if it is here, and a second operation is called only if a field that it fills is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub kinds: BTreeMap<Kind, BTreeSet<String>>,
    /// Of kinds whose content is sampled, the patterns that name what may be.
    pub samples: BTreeMap<Kind, BTreeSet<String>>,
}

impl Plan {
    /// Whether the content of something with this name may be sampled for a kind.
    pub fn may_sample(&self, kind: &str, name: &str) -> bool {
        let patterns = self.samples.get(&Kind::new(kind));
        let mut patterns = patterns.into_iter().flatten();
        patterns.any(|pattern| glob(pattern, name))
    }
}

/// The schema of every kind that can be collected, whatever features are built in.
pub fn schema() -> Schema {
    let mut schema = aws::schema();
    schema.merge(kubernetes::schema());
    schema
}

#[cfg(feature = "live")]
pub use live::{Observer, Progress, Scan, Stop};

#[cfg(feature = "live")]
mod live {
    use std::sync::Arc;

    use jiff::Timestamp;
    use tokio::sync::watch;

    use super::Plan;
    use crate::model::{Coverage, Kind, Scope};
    use crate::wire::Wire;

    /// One scan: what to read, when it began, through what, and how to follow and stop it.
    #[derive(Clone)]
    pub struct Scan {
        pub plan: Plan,
        pub taken_at: Timestamp,
        pub wire: Arc<Wire>,
        pub stop: Stop,
        pub progress: Observer,
    }

    /// Is told what a scan does.
    pub type Observer = Arc<dyn Fn(Progress<'_>) + Send + Sync>;

    /// What a scan tells while it runs.
    #[derive(Clone, Copy, Debug)]
    pub enum Progress<'a> {
        Started { kind: &'a Kind, scope: &'a Scope },
        Finished(&'a Coverage),
    }

    /// Turns true once, when the user interrupts: lists that are not complete by then are unread as `interrupted`.
    #[derive(Clone, Debug)]
    pub struct Stop(watch::Receiver<bool>);

    impl Stop {
        pub fn new(receiver: watch::Receiver<bool>) -> Self {
            Self(receiver)
        }

        /// A scan that is never interrupted.
        pub fn never() -> Self {
            Self(watch::channel(false).1)
        }

        /// Completes when the scan should stop; never, if it never should.
        pub async fn requested(&self) {
            let mut receiver = self.0.clone();
            if receiver.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
