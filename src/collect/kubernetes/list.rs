//! A list of one kind: page after page to the end, or the reason why the end was not reached.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::server::Groups;
use super::session::{Heard, Session};
use super::table::{Content, Entry, PAGE};
use crate::model::{Reason, Resource, ResourceId, Scope, Seen, Unread};
use crate::wire::Body;
use crate::wire::kubernetes::Failure;

const JSON: &str = "application/json";
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// How often in a row a list may expire without a page in between.
const EXPIRIES: u32 = 3;
/// How often a list is read again from its beginning.
const RESTARTS: u32 = 1;

/// What the answer to one page is.
enum Page {
    Items {
        items: Vec<Value>,
        next: Option<String>,
    },
    /// The list's snapshot is gone; with a token that goes on from where it was.
    Expired(Option<String>),
    /// There is no such path: not an object that is missing, which a Status says.
    NoPath,
    Unread(Reason, String),
}

/// Lists one kind into `found`, which keeps what was read also where the end is not reached.
pub(super) async fn list(
    session: &Session,
    entry: &Entry,
    groups: &Groups,
    found: &mut BTreeMap<ResourceId, Resource>,
) -> Seen {
    let mut versions = entry.versions.iter();
    let mut version = entry.preferred();
    versions.next();
    let mut token: Option<String> = None;
    let mut tokens = BTreeSet::new();
    let (mut expiries, mut restarts) = (0, 0);
    let mut malformed = None;
    loop {
        let unread = |reason, detail| Seen::Unread(unread(entry, version, reason, detail));
        let path = page_path(entry, version, token.as_deref());
        let page = match session.ask(&path, accept(entry)).await {
            Ok(heard) => judge(heard),
            Err(Failure { reason, detail }) => Page::Unread(reason, detail),
        };
        match page {
            Page::Items { items, next } => {
                expiries = 0;
                for item in items {
                    match resource(session.cluster(), entry, version, item) {
                        Some(resource) => {
                            found.insert(resource.id.clone(), resource);
                        }
                        None => malformed = Some("an item of the list has no name"),
                    }
                }
                match (next, malformed) {
                    (None, None) => return Seen::Complete { count: found.len() },
                    (None, Some(detail)) => return unread(Reason::ParseError, detail.to_owned()),
                    (Some(next), _) if !tokens.insert(next.clone()) => {
                        let detail = "the list repeats a continue token".to_owned();
                        return unread(Reason::ApiError, detail);
                    }
                    (next, _) => token = next,
                }
            }
            Page::Expired(fresh) => {
                expiries += 1;
                if fresh.is_none() {
                    restarts += 1;
                }
                if expiries > EXPIRIES || restarts > RESTARTS {
                    let detail = "the list expires faster than it can be read".to_owned();
                    return unread(Reason::ApiError, detail);
                }
                if fresh.is_none() {
                    // What was deleted meanwhile must not stay.
                    found.clear();
                    tokens.clear();
                    malformed = None;
                }
                token = fresh;
            }
            Page::NoPath if token.is_some() => {
                return unread(
                    Reason::ApiError,
                    "the kind was removed meanwhile".to_owned(),
                );
            }
            Page::NoPath => match versions.next() {
                Some(next) => version = next,
                None => {
                    return match absence(entry, version, groups) {
                        Ok(()) => Seen::NotInstalled,
                        Err(unread) => Seen::Unread(unread),
                    };
                }
            },
            Page::Unread(Reason::Denied, _)
                if token.is_none() && !may_be_served(session, entry).await =>
            {
                return Seen::NotInstalled;
            }
            Page::Unread(reason, detail) => return unread(reason, detail),
        }
    }
}

/// Whether the cluster may serve the entry's group. A server forbids before it looks whether there is anything to forbid;
/// its discovery, which every identity may read, tells.
async fn may_be_served(session: &Session, entry: &Entry) -> bool {
    if entry.group.is_empty() {
        return true;
    }
    let Ok(Heard {
        status: 200,
        body: Body::Json(json),
    }) = session.ask("/apis", JSON).await
    else {
        return true;
    };
    let groups = json.get("groups").and_then(Value::as_array);
    let named = |group: &Value| group.get("name").and_then(Value::as_str) == Some(entry.group);
    groups.is_none_or(|groups| groups.is_empty() || groups.iter().any(named))
}

/// A kind of which nothing was read.
pub(super) fn unread(entry: &Entry, version: &str, reason: Reason, detail: String) -> Unread {
    Unread {
        reason,
        operation: format!("GET {}", entry.path(version)),
        permission: (reason == Reason::Denied).then(|| entry.permission()),
        detail,
    }
}

fn accept(entry: &Entry) -> &'static str {
    match entry.content {
        Content::Whole | Content::Log => JSON,
        Content::Metadata => METADATA,
    }
}

/// No resourceVersion: with one, the server ignores the limit.
fn page_path(entry: &Entry, version: &str, token: Option<&str>) -> String {
    let path = format!("{}?limit={PAGE}", entry.path(version));
    match token {
        None => path,
        Some(token) => {
            let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
            format!("{path}&continue={token}")
        }
    }
}

fn judge(heard: Heard) -> Page {
    let Heard { status, body } = heard;
    match (status, body) {
        (200, Body::Json(Value::Object(mut list))) => {
            let kind = list.get("kind").and_then(Value::as_str).unwrap_or_default();
            if !kind.ends_with("List") {
                return Page::Unread(Reason::ParseError, "the answer is not a list".to_owned());
            }
            let items = match list.remove("items") {
                Some(Value::Array(items)) => items,
                // What the server's own language makes of an empty list.
                Some(Value::Null) => Vec::new(),
                _ => {
                    return Page::Unread(Reason::ParseError, "the list has no items".to_owned());
                }
            };
            let next = token(&list);
            Page::Items { items, next }
        }
        (200, _) => Page::Unread(Reason::ParseError, "the answer is not JSON".to_owned()),
        (410, Body::Json(Value::Object(status))) => Page::Expired(token(&status)),
        (410, _) => Page::Expired(None),
        (404, Body::Text(_)) => Page::NoPath,
        (status, body) => Page::Unread(reason(status), said(status, &body)),
    }
}

fn token(object: &Map<String, Value>) -> Option<String> {
    let token = object.get("metadata")?.get("continue")?.as_str()?;
    (!token.is_empty()).then(|| token.to_owned())
}

pub(super) fn reason(status: u16) -> Reason {
    match status {
        401 => Reason::Credentials,
        403 => Reason::Denied,
        408 | 504 => Reason::Timeout,
        429 => Reason::Throttled,
        _ => Reason::ApiError,
    }
}

/// The server's own words: the message of its Status, or the beginning of its text.
pub(super) fn said(status: u16, body: &Body) -> String {
    let words = match body {
        Body::Json(json) => json.get("message").and_then(Value::as_str),
        Body::Text(text) => Some(text.trim()),
    };
    let words: String = words.unwrap_or_default().chars().take(300).collect();
    if words.is_empty() {
        format!("HTTP {status}")
    } else {
        format!("HTTP {status}: {words}")
    }
}

/// Whether a kind whose path is missing is one that the cluster does not have.
///
/// A group that is installed in other versions only would hold objects that were not read; and something that is no
/// API server answers 404 to everything.
fn absence(entry: &Entry, version: &str, groups: &Groups) -> Result<(), Unread> {
    let unread = |reason, detail| Err(unread(entry, version, reason, detail));
    if entry.group.is_empty() {
        let detail = "HTTP 404: this does not answer like a Kubernetes API server";
        return unread(Reason::ApiError, detail.to_owned());
    }
    let Some(versions) = groups.as_ref().map_err(Unread::clone)?.get(entry.group) else {
        return Ok(());
    };
    let others: Vec<&str> = versions
        .iter()
        .map(String::as_str)
        .filter(|version| !entry.versions.contains(version))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "the cluster serves {} as {}, and this version reads {}",
        entry.group,
        others.join(", "),
        entry.versions.join(", ")
    );
    unread(Reason::NotSupported, detail)
}

/// An item of a list as a resource: lists leave out what kubectl prints, the version and kind of each item.
fn resource(cluster: &str, entry: &Entry, version: &str, item: Value) -> Option<Resource> {
    let Value::Object(mut document) = item else {
        return None;
    };
    if entry.content == Content::Metadata {
        document.retain(|key, _| key == "metadata");
    }
    document.insert("apiVersion".to_owned(), entry.api_version(version).into());
    document.insert("kind".to_owned(), entry.kind.into());
    let metadata = document.get("metadata")?;
    let name = metadata.get("name")?.as_str()?;
    let namespace = metadata.get("namespace").and_then(Value::as_str);
    let id = ResourceId::new(format!(
        "k8s://{cluster}/{}/{}/{name}",
        namespace.unwrap_or_default(),
        entry.kind
    ));
    Some(Resource {
        kind: entry.resource_kind(),
        id,
        scope: Scope::kubernetes(cluster, namespace),
        origin: None,
        document: Value::Object(document),
    })
}
