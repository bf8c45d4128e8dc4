//! A scan of one cluster: every planned kind listed at once, each with its own outcome.

use std::collections::BTreeMap;

use futures::StreamExt;

use super::list::{list, unread};
use super::logs;
use super::server::{Groups, Server};
use super::session::Session;
use super::table::{self, Content, Entry};
use crate::collect::{Progress, Scan};
use crate::model::{Coverage, Reason, Resource, ResourceId, Scope, Seen, Snapshot, Target};
use crate::wire::kubernetes::{Failure, SERVICE};

/// Lists at once: a managed control plane gives one client about ten.
const LISTS: usize = 6;

impl Session {
    /// Reads every kind of the plan. What could not be read is in the snapshot's coverage.
    pub async fn collect(&self, scan: &Scan) -> Snapshot {
        let mut snapshot = Snapshot::empty(scan.taken_at);
        let server = tokio::select! {
            biased;
            () = scan.stop.requested() => Err(stopped()),
            server = self.server() => server,
        };
        let reads = table::planned(&scan.plan)
            .into_iter()
            .map(|entry| self.read(entry, scan, &server));
        let mut reads = futures::stream::iter(reads).buffer_unordered(LISTS);
        while let Some((coverage, resources)) = reads.next().await {
            (scan.progress)(Progress::Finished(&coverage));
            snapshot.coverage.push(coverage);
            snapshot.resources.extend(resources);
        }
        drop(reads);
        snapshot.targets.push(Target::Kubernetes {
            cluster: self.cluster().to_owned(),
            identity: server
                .as_ref()
                .ok()
                .and_then(|server| server.identity.clone()),
            version: server.ok().and_then(|server| server.version),
        });
        let calls = self.wire.calls();
        let calls = calls.into_iter().filter(|call| call.service == SERVICE);
        snapshot.calls.extend(calls);
        snapshot.sort();
        snapshot
    }

    async fn read(
        &self,
        entry: &Entry,
        scan: &Scan,
        server: &Result<Server, Failure>,
    ) -> (Coverage, Vec<Resource>) {
        let kind = entry.resource_kind();
        let scope = Scope::kubernetes(self.cluster(), None);
        (scan.progress)(Progress::Started {
            kind: &kind,
            scope: &scope,
        });
        let mut found = BTreeMap::new();
        let unread = |failure: &Failure| {
            let Failure { reason, detail } = failure;
            Seen::Unread(unread(entry, entry.preferred(), *reason, detail.clone()))
        };
        let seen = match server {
            Err(failure) => unread(failure),
            Ok(server) => tokio::select! {
                biased;
                () = scan.stop.requested() => unread(&stopped()),
                seen = self.seen(entry, scan, &server.groups, &mut found) => seen,
            },
        };
        let coverage = Coverage {
            kind,
            scope,
            asked: entry.asked(),
            seen,
        };
        (coverage, found.into_values().collect())
    }

    async fn seen(
        &self,
        entry: &Entry,
        scan: &Scan,
        groups: &Groups,
        found: &mut BTreeMap<ResourceId, Resource>,
    ) -> Seen {
        match entry.content {
            Content::Log => logs::read(self, &scan.plan, groups, found).await,
            Content::Whole | Content::Metadata => list(self, entry, groups, found).await,
        }
    }
}

fn stopped() -> Failure {
    Failure {
        reason: Reason::Interrupted,
        detail: "the scan was stopped".to_owned(),
    }
}
