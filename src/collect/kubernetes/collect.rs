//! A scan of one cluster: every planned kind listed at once, each with its own outcome.

use std::collections::BTreeMap;

use futures::StreamExt;
use serde_json::Value;

use super::list::{list, reason, said, unread};
use super::logs;
use super::session::Session;
use super::table::{self, Content, Entry};
use crate::collect::{Progress, Scan};
use crate::model::{Coverage, Reason, Resource, ResourceId, Scope, Seen, Snapshot, Target, Unread};
use crate::wire::Body;
use crate::wire::kubernetes::{Failure, SERVICE};

/// Lists at once: a managed control plane gives one client about ten.
const LISTS: usize = 6;

/// What the server says of itself.
struct Server {
    version: Option<String>,
    /// Whether it has answered as an API server does.
    speaks: bool,
    /// Why nothing can be read from it.
    down: Option<Failure>,
}

impl Session {
    /// Reads every kind of the plan. What could not be read is in the snapshot's coverage.
    pub async fn collect(&self, scan: &Scan) -> Snapshot {
        let mut snapshot = Snapshot::empty(scan.taken_at);
        let (entries, lacking) = table::planned(&scan.plan);
        let server = tokio::select! {
            biased;
            () = scan.stop.requested() => Server { version: None, speaks: false, down: None },
            server = self.server() => server,
        };
        let reads = entries
            .into_iter()
            .map(|entry| self.read(entry, scan, &server));
        let mut reads = futures::stream::iter(reads).buffer_unordered(LISTS);
        while let Some((coverage, resources)) = reads.next().await {
            (scan.progress)(Progress::Finished(&coverage));
            snapshot.coverage.push(coverage);
            snapshot.resources.extend(resources);
        }
        drop(reads);
        for kind in lacking {
            let unread = Unread {
                reason: Reason::NotSupported,
                operation: format!("list {kind}"),
                permission: None,
                detail: "this version does not read the kind".to_owned(),
            };
            let scope = Scope::kubernetes(self.cluster(), None);
            let seen = Seen::Unread(unread);
            snapshot.coverage.push(Coverage { kind, scope, seen });
        }
        snapshot.targets.push(Target::Kubernetes {
            cluster: self.cluster().to_owned(),
            version: server.version,
        });
        let calls = self.wire.calls();
        let calls = calls.into_iter().filter(|call| call.service == SERVICE);
        snapshot.calls.extend(calls);
        snapshot.sort();
        snapshot
    }

    async fn read(&self, entry: &Entry, scan: &Scan, server: &Server) -> (Coverage, Vec<Resource>) {
        let kind = entry.resource_kind();
        let scope = Scope::kubernetes(self.cluster(), None);
        (scan.progress)(Progress::Started {
            kind: &kind,
            scope: &scope,
        });
        let mut found = BTreeMap::new();
        let unread =
            |reason, detail| Seen::Unread(unread(entry, entry.preferred(), reason, detail));
        let seen = match &server.down {
            Some(Failure { reason, detail }) => unread(*reason, detail.clone()),
            None => tokio::select! {
                biased;
                () = scan.stop.requested() => {
                    unread(Reason::Interrupted, "the scan was stopped".to_owned())
                }
                seen = self.seen(entry, scan, server.speaks, &mut found) => seen,
            },
        };
        let coverage = Coverage { kind, scope, seen };
        (coverage, found.into_values().collect())
    }

    async fn seen(
        &self,
        entry: &Entry,
        scan: &Scan,
        speaks: bool,
        found: &mut BTreeMap<ResourceId, Resource>,
    ) -> Seen {
        match entry.content {
            Content::Log => logs::read(self, &scan.plan, speaks, found).await,
            Content::Whole | Content::Metadata => list(self, entry, speaks, found).await,
        }
    }

    /// Asks who answers, before anything else: where nobody does, nothing more is asked.
    async fn server(&self) -> Server {
        let mut server = Server {
            version: None,
            speaks: false,
            down: None,
        };
        match self.ask("/version", "application/json").await {
            Ok(heard) => {
                if let Body::Json(json) = &heard.body {
                    let version = json.get("gitVersion").and_then(Value::as_str);
                    let kind = json.get("kind").and_then(Value::as_str);
                    server.version = version.map(str::to_owned);
                    server.speaks = version.is_some() || kind == Some("Status");
                }
                if heard.status == 401 {
                    server.down = Some(Failure {
                        reason: reason(heard.status),
                        detail: said(heard.status, &heard.body),
                    });
                }
            }
            Err(failure) if failure.reason == Reason::NotRecorded => {}
            Err(failure) => server.down = Some(failure),
        }
        server
    }
}
