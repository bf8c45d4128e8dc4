//! One kind read in one place: listed to its last page, each item described and its facts asked, each failure its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Map, Value};

use super::call::{Args, Failure};
use super::collect::{Identity, interrupted};
use super::document::{self, Asked, Place};
use super::pages::{Listing, misfit};
use super::permissions::{asked, named};
use super::session::Session;
use super::shapes;
use super::table::{
    Arg, Call, Describe, Entry, Fact, Items, Prepare, Reach, Sampled, Sweep, Take, service_of,
};
use crate::collect::{Progress, Scan};
use crate::model::{Coverage, Kind, Reason, Resource, ResourceId, Scope, Seen, Unread};

/// How often, and how long, something that has to be prepared is waited for.
const WAITS: usize = 30;
const WAIT: Duration = Duration::from_secs(1);

/// The part of the account that a sweep speaks of.
pub fn scope(account: &str, sweep: &Sweep, region: &str) -> Scope {
    match sweep.reach {
        Reach::Regional => Scope::aws(account, Some(region)),
        Reach::Global { .. } => Scope::aws(account, None),
    }
}

/// One kind being read in one place.
pub struct Sweeping<'a> {
    pub session: &'a Session,
    pub scan: &'a Scan,
    pub identity: &'a Identity,
    pub entry: &'static Entry,
    pub facts: Vec<&'static Fact>,
    pub sweep: &'static Sweep,
    pub region: String,
    /// Every region that is scanned.
    pub regions: &'a [String],
}

/// An item of the list, and the item of the parent's list that it came from.
struct Listed {
    parent: Value,
    item: Value,
}

/// What became of a listed item.
enum Item {
    Read(Resource),
    /// Gone since it was listed, or another region's.
    Gone,
    /// It has no id.
    Nameless,
}

impl Sweeping<'_> {
    pub async fn run(self) -> (Vec<Resource>, Coverage) {
        let kind = Kind::new(self.entry.kind);
        let scope = scope(&self.identity.account, self.sweep, &self.region);
        (self.scan.progress)(Progress::Started {
            kind: &kind,
            scope: &scope,
        });
        let found = Mutex::new(BTreeMap::new());
        let outcome = tokio::select! {
            biased;
            () = self.scan.stop.requested() => {
                Err(interrupted(named(self.entry.service, self.entry.list.operation)))
            }
            outcome = self.read(&scope, &found) => outcome,
        };
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let seen = match outcome {
            Ok(()) => Seen::Complete { count: found.len() },
            Err(unread) if shapes::is_absent(self.entry.service, &self.region, &unread) => {
                Seen::NotInstalled
            }
            Err(unread) => Seen::Unread(unread),
        };
        let coverage = Coverage {
            kind,
            scope,
            asked: asked(self.entry, &self.facts),
            seen,
        };
        (self.scan.progress)(Progress::Finished(&coverage));
        (found.into_values().collect(), coverage)
    }

    /// Lists, and reads each item to its end. What was listed before a page failed is read all the same.
    async fn read(
        &self,
        scope: &Scope,
        found: &Mutex<BTreeMap<ResourceId, Resource>>,
    ) -> Result<(), Unread> {
        let (items, listed) = self.list().await;
        let items = join_all(items.iter().map(|item| async {
            match self.item(item, scope).await {
                Item::Read(resource) => {
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.insert(resource.id.clone(), resource);
                    true
                }
                Item::Gone => true,
                Item::Nameless => false,
            }
        }))
        .await;
        listed.map_err(|failure| failure.unread)?;
        if items.contains(&false) {
            return Err(self.misfit(&self.entry.list, "an item has no id"));
        }
        Ok(())
    }

    async fn list(&self) -> (Vec<Listed>, Result<(), Failure>) {
        if let Some(prepare) = &self.entry.prepare
            && let Err(failure) = self.prepare(prepare).await
        {
            return (Vec::new(), Err(failure));
        }
        let may_sample = |name: &str| self.scan.plan.may_sample(self.entry.kind, name);
        if matches!(self.entry.sampled, Some(Sampled::Account))
            && !may_sample(&self.identity.account)
        {
            return (Vec::new(), Ok(()));
        }
        let Some(parent) = &self.entry.parent else {
            return self.children(Value::Null, &[]).await;
        };
        let service = self.entry.service;
        let args = match self.arguments(service, &parent.call, &Value::Null, &Value::Null) {
            Ok(args) => args,
            Err(failure) => return (Vec::new(), Err(failure)),
        };
        let listing = Listing::whole(parent.at);
        let (parents, listed) = self.pages(service, &parent.call, args, listing).await;
        let children = parents
            .into_iter()
            .filter(|parent| match self.entry.sampled {
                Some(Sampled::Parent(field)) => {
                    let name = parent.get(field).and_then(Value::as_str);
                    name.is_some_and(may_sample)
                }
                _ => true,
            })
            .map(|item| self.children(item, parent.gone));
        let mut items = Vec::new();
        let mut outcome = listed;
        for (found, listed) in join_all(children).await {
            items.extend(found);
            outcome = outcome.and(listed);
        }
        (items, outcome)
    }

    /// Asks again until it is ready; a replay has no one to wait for.
    async fn prepare(&self, prepare: &'static Prepare) -> Result<(), Failure> {
        for _ in 0..WAITS {
            let answer = self
                .ask(self.entry.service, &prepare.call, &Args::new())
                .await?;
            if answer.get(prepare.field).and_then(Value::as_str) == Some(prepare.done) {
                return Ok(());
            }
            if !self.session.wire.is_replay() {
                tokio::time::sleep(WAIT).await;
            }
        }
        let detail = format!("{} is not {} in time", prepare.field, prepare.done);
        Err(misfit(self.entry.service, &prepare.call, &detail))
    }

    /// What the list holds under one parent.
    async fn children(&self, parent: Value, gone: &[&str]) -> (Vec<Listed>, Result<(), Failure>) {
        let (service, call) = (self.entry.service, &self.entry.list);
        let mut args = match self.arguments(service, call, &Value::Null, &parent) {
            Ok(args) => args,
            Err(failure) => return (Vec::new(), Err(failure)),
        };
        let sweep = self.sweep.args.iter();
        args.extend(sweep.map(|(name, value)| (*name, (*value).to_owned())));
        let (items, listed) = match self.entry.items {
            Items::List(at) => self.pages(service, call, args, Listing::whole(at)).await,
            Items::Sparse(at) => self.pages(service, call, args, Listing::sparse(at)).await,
            Items::Sample { at, most } => {
                let listing = Listing::first(most, at);
                let (items, listed) = self.pages(service, call, args, listing).await;
                let sample = Map::from_iter([(at.to_owned(), Value::Array(items))]);
                match listed {
                    Ok(()) => (vec![Value::Object(sample)], Ok(())),
                    Err(failure) => (Vec::new(), Err(failure)),
                }
            }
            Items::Answer => match self.ask(service, call, &args).await {
                Ok(answer) => (vec![answer], Ok(())),
                Err(failure) if failure.is(self.entry.absent) => {
                    (vec![Value::Object(Map::new())], Ok(()))
                }
                Err(failure) => (Vec::new(), Err(failure)),
            },
            Items::Csv { at, columns } => match self.ask(service, call, &args).await {
                Ok(answer) => match document::rows(answer, at, columns) {
                    Ok(rows) => (rows, Ok(())),
                    Err(detail) => (Vec::new(), Err(misfit(service, call, &detail))),
                },
                Err(failure) => (Vec::new(), Err(failure)),
            },
        };
        let listed = match listed {
            Err(failure) if failure.is(self.entry.absent) || failure.is(gone) => Ok(()),
            listed => listed,
        };
        let items = items.into_iter().map(|item| Listed {
            parent: parent.clone(),
            item,
        });
        (items.collect(), listed)
    }

    async fn pages(
        &self,
        service: &'static str,
        call: &'static Call,
        args: Args,
        listing: Listing<'_>,
    ) -> (Vec<Value>, Result<(), Failure>) {
        self.session
            .pages(&self.region, service, call, args, listing)
            .await
    }

    async fn item(&self, Listed { parent, item }: &Listed, scope: &Scope) -> Item {
        if self.is_elsewhere(item) {
            return Item::Gone;
        }
        let place = Place {
            partition: &self.identity.partition,
            account: &self.identity.account,
            region: &self.region,
        };
        // A sample is known by what it is a sample of.
        let named = match self.entry.sampled {
            Some(Sampled::Parent(_)) => parent,
            _ => item,
        };
        let Some(id) = document::id(self.entry, named, place) else {
            return Item::Nameless;
        };
        let (mut document, described) = match &self.entry.describe {
            None => match item {
                Value::Object(document) => (document.clone(), true),
                _ => return Item::Nameless,
            },
            Some(describe) => match self.describe(describe, item, parent).await {
                Ok(document) => (document, true),
                Err(failure) if failure.is(describe.gone) => return Item::Gone,
                Err(failure) => {
                    let document = document::undescribed(describe.seed, item, &failure.unread);
                    (document, false)
                }
            },
        };
        for (field, value) in self.sweep.fields {
            document.insert((*field).to_owned(), Value::from(*value));
        }
        for (field, from) in self.entry.parent.iter().flat_map(|parent| parent.fields) {
            let told = if from.is_empty() {
                Some(parent)
            } else {
                parent.get(*from)
            };
            document.insert((*field).to_owned(), told.cloned().unwrap_or_default());
        }
        // Nothing more can be asked of what could not be described, and its marker speaks for every field.
        if described {
            let whole = Value::Object(document.clone());
            let facts = self
                .entry
                .facts
                .iter()
                .map(|fact| self.fact(fact, &whole, &document, parent));
            for (fact, value) in self.entry.facts.iter().zip(join_all(facts).await) {
                match value {
                    Ok(Some(value)) => {
                        document.insert(fact.field.to_owned(), value);
                    }
                    Ok(None) => {}
                    Err(failure) if failure.is(fact.gone) => return Item::Gone,
                    Err(failure) => {
                        document.insert(fact.field.to_owned(), failure.unread.marker());
                    }
                }
            }
        }
        Item::Read(Resource {
            kind: Kind::new(self.entry.kind),
            id,
            scope: scope.clone(),
            origin: None,
            document: Value::Object(document),
        })
    }

    /// Whether several regions list it, and it is read in another of them.
    fn is_elsewhere(&self, item: &Value) -> bool {
        let home = self.entry.home.and_then(|field| item.get(field)?.as_str());
        home.is_some_and(|home| {
            let scanned = self.regions.iter().find(|region| *region == home);
            let reader = scanned.or_else(|| self.regions.first());
            reader.is_some_and(|reader| *reader != self.region)
        })
    }

    async fn describe(
        &self,
        describe: &'static Describe,
        item: &Value,
        parent: &Value,
    ) -> Result<Map<String, Value>, Failure> {
        let args = self.arguments(self.entry.service, &describe.call, item, parent)?;
        let mut answer = self.ask(self.entry.service, &describe.call, &args).await?;
        if describe.at.is_empty() {
            return match answer {
                Value::Object(document) => Ok(document),
                _ => Err(misfit(self.entry.service, &describe.call, "no object")),
            };
        }
        let found = match answer.get_mut(describe.at).map(Value::take) {
            Some(Value::Array(mut list)) => match (list.pop(), list.is_empty()) {
                (Some(one), true) => Some(one),
                _ => None,
            },
            found => found,
        };
        match found {
            Some(Value::Object(document)) => Ok(document),
            _ => Err(misfit(
                self.entry.service,
                &describe.call,
                &format!("the answer has no {}", describe.at),
            )),
        }
    }

    /// A fact's value; `None` where it is not configured.
    async fn fact(
        &self,
        fact: &'static Fact,
        whole: &Value,
        document: &Map<String, Value>,
        parent: &Value,
    ) -> Result<Option<Value>, Failure> {
        let service = service_of(self.entry, fact);
        if !self.facts.iter().any(|planned| planned.field == fact.field) {
            return Err(Failure {
                code: None,
                unread: Unread {
                    reason: Reason::NotRecorded,
                    operation: named(service, fact.call.operation),
                    permission: None,
                    detail: "no rule asked for it".to_owned(),
                },
            });
        }
        if !document::applies(fact, document) {
            return Ok(None);
        }
        let nothing_to_ask = fact.call.args.iter().any(|(_, arg)| match arg {
            Arg::First(field) => whole.pointer(&format!("/{field}/0")).is_none(),
            _ => false,
        });
        if nothing_to_ask {
            return Ok(None);
        }
        let args = self.arguments(service, &fact.call, whole, parent)?;
        let place = self.entry.place;
        let region = place.and_then(|field| document.get(field)?.as_str());
        let region = region.unwrap_or(&self.region);
        let list = match fact.take {
            Take::List(at) => Some((at, Listing::whole(at))),
            Take::Sparse(at) => Some((at, Listing::sparse(at))),
            _ => None,
        };
        let answer = match (&fact.call.paging, list) {
            (Some(_), Some((at, listing))) => {
                let pages = self
                    .session
                    .pages(region, service, &fact.call, args, listing);
                let (items, listed) = pages.await;
                listed
                    .map(|()| Value::Object(Map::from_iter([(at.to_owned(), Value::Array(items))])))
            }
            _ => {
                self.session
                    .ask(region, service, fact.call.operation, &args)
                    .await
            }
        };
        match answer {
            Ok(answer) => {
                document::take(fact, answer).map_err(|detail| misfit(service, &fact.call, &detail))
            }
            Err(failure) if failure.is(fact.absent) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn arguments(
        &self,
        service: &str,
        call: &'static Call,
        from: &Value,
        parent: &Value,
    ) -> Result<Args, Failure> {
        let mut args = Args::new();
        let asked = Asked {
            from,
            parent,
            sweep: self.sweep,
            account: &self.identity.account,
            taken_at: self.scan.taken_at,
        };
        for (name, arg) in call.args {
            let value = document::argument(*arg, asked)
                .ok_or_else(|| misfit(service, call, &format!("nothing to ask {name} with")))?;
            args.insert(name, value);
        }
        Ok(args)
    }

    async fn ask(
        &self,
        service: &'static str,
        call: &'static Call,
        args: &Args,
    ) -> Result<Value, Failure> {
        self.session
            .ask(&self.region, service, call.operation, args)
            .await
    }

    fn misfit(&self, call: &Call, detail: &str) -> Unread {
        misfit(self.entry.service, call, detail).unread
    }
}

impl Failure {
    fn is(&self, codes: &[&str]) -> bool {
        self.code
            .as_deref()
            .is_some_and(|code| codes.contains(&code))
    }
}
