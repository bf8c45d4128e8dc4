//! AWS collection over real HTTP, against a double of the AWS API.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking"
)]

mod collected;
mod denied;
mod failures;
mod session;
mod tape;
#[cfg(feature = "kubernetes")]
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, ConfigLoader};
use jiff::Timestamp;
use serde_json::{Value, json};
use soc2scan::collect::aws::{self, Limits, OpenError, Options, Regions, Session};
use soc2scan::collect::{Plan, Scan, Stop};
use soc2scan::model::{Coverage, Kind, Reason, Resource, Scope, Seen, Shape, Snapshot, Unread};
use soc2scan::wire::Wire;

use crate::aws_double::{
    Act, Answers, Asked, EMPTY, Proxy, SEEDED, denied, error, json as reply, python, throttled,
};

/// The kinds that the seeded account holds.
const HELD: [&str; 11] = [
    "aws.ecr.Registry",
    "aws.ecr.Repository",
    "aws.eks.Cluster",
    "aws.elbv2.LoadBalancer",
    "aws.kms.Key",
    "aws.logs.LogGroup",
    "aws.rds.DBCluster",
    "aws.rds.DBClusterParameterGroup",
    "aws.rds.DBInstance",
    "aws.rds.DBParameterGroup",
    "aws.wafv2.WebACL",
];

/// Those kinds with every field.
fn everything() -> Plan {
    only(&HELD)
}

/// Every kind with every field.
fn whole_table() -> Plan {
    let kinds = aws::schema().kinds.into_iter().map(|(kind, shape)| {
        let fields = match shape {
            Shape::Object(fields) => fields.into_keys().collect(),
            _ => BTreeSet::new(),
        };
        (kind, fields)
    });
    let everything = BTreeSet::from(["*".to_owned()]);
    let sampled = ["aws.cloudtrail.Event", "aws.logs.EventSample"];
    Plan {
        kinds: kinds.collect(),
        samples: sampled
            .map(|kind| (Kind::new(kind), everything.clone()))
            .into(),
    }
}

fn only(kinds: &[&str]) -> Plan {
    let mut plan = whole_table();
    plan.kinds.retain(|kind, _| kinds.contains(&kind.as_str()));
    // The double does not answer it.
    if let Some(fields) = plan.kinds.get_mut(&Kind::new("aws.eks.Cluster")) {
        fields.remove("PodIdentityAssociations");
    }
    plan
}

fn loader(url: &str) -> ConfigLoader {
    let credentials = aws_credential_types::Credentials::new(
        "AKIATESTTESTTESTTEST",
        "testing",
        None,
        None,
        "tests",
    );
    aws_config::defaults(BehaviorVersion::latest())
        .region("us-east-1")
        .credentials_provider(credentials)
        .endpoint_url(url)
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(1),
        read: Duration::from_secs(30),
        attempt: Duration::from_secs(30),
        attempts: 4,
        first_backoff: Duration::from_millis(1),
        longest_backoff: Duration::from_millis(10),
        ..Limits::default()
    }
}

fn scan(plan: Plan, wire: &Arc<Wire>) -> Scan {
    Scan {
        plan,
        taken_at: Timestamp::UNIX_EPOCH,
        wire: Arc::clone(wire),
        stop: Stop::never(),
        progress: Arc::new(|_| {}),
    }
}

async fn read(url: &str, options: &Options, plan: Plan) -> Snapshot {
    let wire = Arc::new(Wire::live());
    let session = Session::open_with(options, Arc::clone(&wire), loader(url), limits())
        .await
        .unwrap();
    session.collect(&scan(plan, &wire)).await
}

/// A scan of one region through a proxy with this rule.
async fn through(
    rule: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    plan: Plan,
) -> (Snapshot, Proxy) {
    let proxy = Proxy::start(SEEDED, rule);
    let snapshot = read(&proxy.url, &Options::default(), plan).await;
    (snapshot, proxy)
}

fn of<'a>(snapshot: &'a Snapshot, kind: &str) -> Vec<&'a Resource> {
    let resources = snapshot.resources.iter();
    resources.filter(|r| r.kind.as_str() == kind).collect()
}

/// The document of the resource whose id ends so.
fn document<'a>(snapshot: &'a Snapshot, kind: &str, end: &str) -> &'a Value {
    let found = of(snapshot, kind);
    let mut found = found.iter().filter(|r| r.id.as_str().contains(end));
    &found
        .next()
        .unwrap_or_else(|| panic!("no {kind} {end}"))
        .document
}

fn coverage<'a>(snapshot: &'a Snapshot, kind: &str) -> &'a Coverage {
    let mut rows = snapshot.coverage.iter();
    rows.find(|row| row.kind.as_str() == kind && row.scope.place().is_some())
        .unwrap_or_else(|| panic!("no coverage of {kind}"))
}

fn unread(coverage: &Coverage) -> &Unread {
    match &coverage.seen {
        Seen::Unread(unread) => unread,
        other => panic!("{} is {other:?}", coverage.kind),
    }
}
