//! A list read page by page: to its end, or as far as a sample goes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::call::{Args, Failure};
use super::document;
use super::permissions::named;
use super::session::Session;
use super::table::Call;
use crate::model::{Reason, Unread};

/// A list that has not ended after so many pages never will.
const MAX_PAGES: usize = 100_000;

/// Where the items are in every page, and how many are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    at: &'a str,
    /// Whether an answer without items leaves the list out.
    sparse: bool,
    most: usize,
}

impl<'a> Listing<'a> {
    /// All of a list that every answer has.
    pub fn whole(at: &'a str) -> Self {
        Self {
            at,
            sparse: false,
            most: usize::MAX,
        }
    }

    /// All of a list that is left out when it is empty.
    pub fn sparse(at: &'a str) -> Self {
        Self {
            sparse: true,
            ..Self::whole(at)
        }
    }

    /// So many items from the beginning.
    pub fn first(most: usize, at: &'a str) -> Self {
        Self {
            most,
            ..Self::whole(at)
        }
    }
}

impl Session {
    /// The items of every page, and whether they are all that are wanted.
    pub(super) async fn pages(
        &self,
        region: &str,
        service: &'static str,
        call: &'static Call,
        mut args: Args,
        listing: Listing<'_>,
    ) -> (Vec<Value>, Result<(), Failure>) {
        let Listing { at, sparse, most } = listing;
        let mut items = Vec::new();
        let mut tokens: BTreeSet<String> = BTreeSet::new();
        for _ in 0..MAX_PAGES {
            let mut answer = match self.ask(region, service, call.operation, &args).await {
                Ok(answer) => answer,
                Err(failure) => return (items, Err(failure)),
            };
            match document::taken(&mut answer, at) {
                Some(Value::Array(page)) => items.extend(page),
                None if sparse => {}
                _ => {
                    let misfit = misfit(service, call, &format!("the answer has no {at}"));
                    return (items, Err(misfit));
                }
            }
            if items.len() >= most {
                items.truncate(most);
                return (items, Ok(()));
            }
            let next = call.paging.as_ref().and_then(|paging| {
                let token = document::taken(&mut answer, paging.receive)?;
                let token = token.as_str().filter(|token| !token.is_empty())?;
                Some((paging.send, token.to_owned()))
            });
            let Some((send, token)) = next else {
                return (items, Ok(()));
            };
            if !tokens.insert(token.clone()) {
                break;
            }
            args.insert(send, token);
        }
        (items, Err(misfit(service, call, "the pages never end")))
    }
}

/// An answer that is not what the table expects.
pub fn misfit(service: &str, call: &Call, detail: &str) -> Failure {
    Failure {
        code: None,
        unread: Unread {
            reason: Reason::ParseError,
            operation: named(service, call.operation),
            permission: None,
            detail: detail.to_owned(),
        },
    }
}
