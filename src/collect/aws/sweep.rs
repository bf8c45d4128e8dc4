//! One kind read in one place: listed to its last page, each item described and its facts asked, each failure its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use futures::future::join_all;
use serde_json::{Map, Value};

use super::call::{Args, Failure};
use super::collect::{Identity, interrupted};
use super::document::{self, Place};
use super::permissions::permission;
use super::session::Session;
use super::table::{Call, Describe, Entry, Fact, Items, Reach, Sweep, Take, service_of};
use crate::collect::{Progress, Scan};
use crate::model::{Coverage, Kind, Reason, Resource, ResourceId, Scope, Seen, Unread};

/// A list that has not ended after so many pages never will.
const MAX_PAGES: usize = 100_000;

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
}

/// What became of a listed item.
enum Item {
    Read(Resource),
    /// Gone since it was listed.
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
                Err(interrupted(permission(self.entry.service, self.entry.list.operation)))
            }
            outcome = self.read(&scope, &found) => outcome,
        };
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let seen = match outcome {
            Ok(()) => Seen::Complete { count: found.len() },
            Err(unread) => Seen::Unread(unread),
        };
        let coverage = Coverage { kind, scope, seen };
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

    async fn list(&self) -> (Vec<Value>, Result<(), Failure>) {
        let mut args = Args::new();
        for (name, arg) in self.entry.list.args {
            args.extend(
                document::argument(*arg, &Value::Null, self.sweep).map(|value| (*name, value)),
            );
        }
        let sweep = self.sweep.args.iter();
        args.extend(sweep.map(|(name, value)| (*name, (*value).to_owned())));
        match self.entry.items {
            Items::List(at) => {
                self.pages(self.entry.service, &self.entry.list, args, at)
                    .await
            }
            Items::Answer => {
                let answer = self.ask(self.entry.service, &self.entry.list, &args).await;
                match answer {
                    Ok(answer) => (vec![answer], Ok(())),
                    Err(failure) => (Vec::new(), Err(failure)),
                }
            }
        }
    }

    /// Every page of a list, and whether it was read to its end.
    async fn pages(
        &self,
        service: &'static str,
        call: &'static Call,
        mut args: Args,
        at: &str,
    ) -> (Vec<Value>, Result<(), Failure>) {
        let mut items = Vec::new();
        let mut tokens: BTreeSet<String> = BTreeSet::new();
        for _ in 0..MAX_PAGES {
            let mut answer = match self.ask(service, call, &args).await {
                Ok(answer) => answer,
                Err(failure) => return (items, Err(failure)),
            };
            let Some(Value::Array(page)) = answer.get_mut(at).map(Value::take) else {
                let unread = misfit(service, call, &format!("the answer has no {at}"));
                return (items, Err(unread));
            };
            items.extend(page);
            let next = call.paging.as_ref().and_then(|paging| {
                let token = answer.get(paging.receive)?.as_str()?;
                Some((paging.send, token.to_owned())).filter(|(_, token)| !token.is_empty())
            });
            let Some((send, token)) = next else {
                return (items, Ok(()));
            };
            if !tokens.insert(token.clone()) {
                break;
            }
            args.insert(send, token);
        }
        let unread = misfit(service, call, "the pages never end");
        (items, Err(unread))
    }

    async fn item(&self, item: &Value, scope: &Scope) -> Item {
        let place = Place {
            partition: &self.identity.partition,
            account: &self.identity.account,
            region: &self.region,
        };
        let Some(id) = document::id(self.entry, item, place) else {
            return Item::Nameless;
        };
        let (mut document, described) = match &self.entry.describe {
            None => match item {
                Value::Object(document) => (document.clone(), true),
                _ => return Item::Nameless,
            },
            Some(describe) => match self.describe(describe, item).await {
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
        // Nothing more can be asked of what could not be described, and its marker speaks for every field.
        if described {
            let whole = Value::Object(document.clone());
            let facts = self
                .entry
                .facts
                .iter()
                .map(|fact| self.fact(fact, &whole, &document));
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

    async fn describe(
        &self,
        describe: &'static Describe,
        item: &Value,
    ) -> Result<Map<String, Value>, Failure> {
        let args = self.arguments(self.entry.service, &describe.call, item)?;
        let mut answer = self.ask(self.entry.service, &describe.call, &args).await?;
        match answer.get_mut(describe.at).map(Value::take) {
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
    ) -> Result<Option<Value>, Failure> {
        let service = service_of(self.entry, fact);
        if !self.facts.iter().any(|planned| planned.field == fact.field) {
            return Err(Failure {
                code: None,
                unread: Unread {
                    reason: Reason::NotRecorded,
                    operation: permission(service, fact.call.operation),
                    permission: None,
                    detail: "no rule asked for it".to_owned(),
                },
            });
        }
        if !document::applies(fact, document) {
            return Ok(None);
        }
        let args = self.arguments(service, &fact.call, whole)?;
        let answer = match (&fact.call.paging, fact.take) {
            (Some(_), Take::List(at)) => {
                let (items, listed) = self.pages(service, &fact.call, args, at).await;
                listed
                    .map(|()| Value::Object(Map::from_iter([(at.to_owned(), Value::Array(items))])))
            }
            _ => self.ask(service, &fact.call, &args).await,
        };
        match answer {
            Ok(answer) => {
                document::take(fact, answer).map_err(|detail| misfit(service, &fact.call, &detail))
            }
            Err(failure) if failure.is(fact.absent) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    fn arguments(&self, service: &str, call: &'static Call, from: &Value) -> Result<Args, Failure> {
        let mut args = Args::new();
        for (name, arg) in call.args {
            let value = document::argument(*arg, from, self.sweep)
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

/// An answer that is not what the table expects.
fn misfit(service: &str, call: &Call, detail: &str) -> Failure {
    Failure {
        code: None,
        unread: Unread {
            reason: Reason::ParseError,
            operation: permission(service, call.operation),
            permission: None,
            detail: detail.to_owned(),
        },
    }
}

impl Failure {
    fn is(&self, codes: &[&str]) -> bool {
        self.code
            .as_deref()
            .is_some_and(|code| codes.contains(&code))
    }
}
