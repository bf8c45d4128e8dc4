//! Reads an account: every planned kind in every region at once, each resource's failure its own.

use futures::future::join_all;
use serde_json::Value;

use super::call::{Args, Failure, elsewhere};
use super::permissions::planned;
use super::session::Session;
use super::sweep::{Sweeping, scope};
use super::table::{Reach, Sweep};
use super::{Regions, shapes};
use crate::collect::Scan;
use crate::model::{Coverage, Kind, Reason, Scope, Seen, Snapshot, Target, Unread};

/// Who asks.
pub struct Identity {
    pub account: String,
    pub arn: String,
    pub partition: String,
}

impl Session {
    /// Everything that the plan asks for, and everything of it that could not be read. Never fails.
    pub async fn collect(&self, scan: &Scan) -> Snapshot {
        let mut snapshot = Snapshot::empty(scan.taken_at);
        let identity = tokio::select! {
            biased;
            () = scan.stop.requested() => Err(interrupted("sts:GetCallerIdentity".to_owned())),
            identity = self.identity() => identity,
        };
        let regions = match (&self.options.regions, &identity) {
            (Regions::Home, _) => Ok(vec![self.home.clone()]),
            (Regions::Named(named), _) => Ok(named.clone()),
            (Regions::All, Ok(_)) => tokio::select! {
                biased;
                () = scan.stop.requested() => Err(interrupted("ec2:DescribeRegions".to_owned())),
                regions = self.enabled_regions() => regions,
            },
            (Regions::All, Err(unread)) => Err(unread.clone()),
        };
        let account = match &identity {
            Ok(identity) => identity.account.clone(),
            Err(_) => "unknown".to_owned(),
        };
        // Without the list of regions, home is still worth reading, and the rest is known to be missing.
        let scanned = match (&regions, &identity) {
            (Ok(regions), _) => regions.clone(),
            (Err(_), Ok(_)) => vec![self.home.clone()],
            (Err(_), Err(_)) => Vec::new(),
        };
        let mut sweeps = Vec::new();
        for (entry, facts) in planned(&scan.plan) {
            for sweep in entry.sweeps {
                for region in self.places(sweep, &scanned) {
                    sweeps.push((entry, facts.clone(), sweep, region));
                }
            }
            let regional = entry
                .sweeps
                .iter()
                .any(|sweep| sweep.reach == Reach::Regional);
            if let (Err(unread), true) = (&regions, regional) {
                snapshot.coverage.push(Coverage {
                    kind: Kind::new(entry.kind),
                    scope: Scope::aws(&account, None),
                    asked: Vec::new(),
                    seen: Seen::Unread(unread.clone()),
                });
            }
        }
        match &identity {
            Ok(identity) => {
                let sweeps = sweeps.into_iter().map(|(entry, facts, sweep, region)| {
                    let sweep = Sweeping {
                        session: self,
                        scan,
                        identity,
                        entry,
                        facts,
                        sweep,
                        region,
                        regions: &scanned,
                    };
                    async move { sweep.run().await }
                });
                for (resources, coverage) in join_all(sweeps).await {
                    snapshot.resources.extend(resources);
                    snapshot.coverage.push(coverage);
                }
            }
            Err(unread) => {
                snapshot
                    .coverage
                    .extend(
                        sweeps
                            .into_iter()
                            .map(|(entry, _, sweep, region)| Coverage {
                                kind: Kind::new(entry.kind),
                                scope: scope(&account, sweep, &region),
                                asked: Vec::new(),
                                seen: Seen::Unread(unread.clone()),
                            }),
                    )
            }
        }
        snapshot.targets.push(Target::Aws {
            account,
            identity: identity.ok().map(|identity| identity.arn),
            regions: scanned,
        });
        let calls = self.wire.calls().into_iter();
        snapshot.calls = calls.filter(|call| call.service != "kubernetes").collect();
        snapshot.sort();
        snapshot
    }

    async fn identity(&self) -> Result<Identity, Unread> {
        self.credentials()?;
        let answer = self
            .ask(&self.home, "sts", "GetCallerIdentity", &Args::new())
            .await
            .map_err(|failure| failure.unread)?;
        let text = |name| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let identity = text("Account").zip(text("Arn")).and_then(|(account, arn)| {
            let partition = arn.split(':').nth(1)?.to_owned();
            Some(Identity {
                account,
                arn,
                partition,
            })
        });
        identity.ok_or_else(|| Unread {
            reason: Reason::ParseError,
            operation: "sts:GetCallerIdentity".to_owned(),
            permission: None,
            detail: "the answer names no account".to_owned(),
        })
    }

    /// The regions that are enabled for the account.
    async fn enabled_regions(&self) -> Result<Vec<String>, Unread> {
        let answer = self
            .ask(&self.home, "ec2", "DescribeRegions", &Args::new())
            .await
            .map_err(|failure| failure.unread)?;
        let regions = answer.get("Regions").and_then(Value::as_array);
        let text =
            |region: &Value, name| region.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut names: Vec<String> = regions
            .into_iter()
            .flatten()
            .filter(|region| text(region, "OptInStatus").as_deref() != Some("not-opted-in"))
            .filter_map(|region| text(region, "RegionName"))
            .collect();
        names.sort_unstable();
        if names.is_empty() {
            return Err(Unread {
                reason: Reason::ParseError,
                operation: "ec2:DescribeRegions".to_owned(),
                permission: None,
                detail: "the answer names no region".to_owned(),
            });
        }
        Ok(names)
    }

    /// Where a sweep asks.
    fn places(&self, sweep: &Sweep, regions: &[String]) -> Vec<String> {
        match sweep.reach {
            Reach::Regional => regions.to_vec(),
            Reach::Global { partitions } => shapes::partition_of(&self.home)
                .filter(|(name, _)| partitions.is_empty() || partitions.contains(name))
                .map(|(_, partition)| partition.home.clone())
                .into_iter()
                .collect(),
        }
    }

    /// One call, when its turn has come.
    pub async fn ask(
        &self,
        region: &str,
        service: &'static str,
        operation: &'static str,
        args: &Args,
    ) -> Result<Value, Failure> {
        let (own, all) = self.gates(region, service);
        // The gates are never closed, so a permit always comes.
        let _own = own.acquire().await;
        let _all = all.acquire().await;
        let answer = self.clients(region).ask(service, operation, args).await;
        if region == self.home {
            answer
        } else {
            answer.map_err(elsewhere)
        }
    }
}

/// What a stopped scan did not get to.
pub fn interrupted(operation: String) -> Unread {
    Unread {
        reason: Reason::Interrupted,
        operation,
        permission: None,
        detail: String::new(),
    }
}
