//! What the server answers: the faults that are due, what a role refuses, and otherwise the truth.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use soc2scan::collect::kubernetes::{Entry, entries};

use super::lists::{Query, page};
use super::{Asked, Behaviour, Shared, What};

const WHO: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body: body.to_string().into_bytes(),
        }
    }

    fn status(code: u16, reason: &str, message: &str) -> Self {
        let metadata = json!({});
        Self::json(
            code,
            &json!({
                "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
                "message": message, "reason": reason, "code": code,
            }),
        )
    }

    fn no_path() -> Self {
        Self {
            status: 404,
            headers: Vec::new(),
            content_type: "text/plain; charset=utf-8",
            body: b"404 page not found\n".to_vec(),
        }
    }
}

/// The reply, or none where the connection is to be closed.
pub fn answer(shared: &Shared, asked: &Asked, authorization: &str) -> Option<Reply> {
    let behaviour = &shared.behaviour;
    if behaviour.nothing {
        return Some(Reply::no_path());
    }
    if let Some(token) = &behaviour.token
        && authorization != format!("Bearer {token}")
    {
        return Some(Reply::status(401, "Unauthorized", "Unauthorized"));
    }
    let found = entries()
        .iter()
        .find_map(|entry| Some((entry, version_asked(entry, &asked.path)?)));
    let resource = match found {
        Some((entry, _)) => entry.resource(),
        None => asked.path.trim_start_matches('/').to_owned(),
    };
    let list = Query::of(&asked.query);
    if !allowed(
        behaviour,
        &asked.path,
        found.as_ref().map(|(entry, _)| *entry),
    ) {
        return Some(forbidden(&resource));
    }
    if let Some(what) = fault(shared, &resource, list.from / list.limit.max(1)) {
        return go_wrong(shared, &what, &resource, &list);
    }
    Some(match (asked.path.as_str(), found) {
        ("/version", _) => Reply::json(
            200,
            &json!({"major": "1", "minor": "36", "gitVersion": "v1.36.1", "platform": "linux/amd64"}),
        ),
        (WHO, _) => Reply::json(
            201,
            &json!({
                "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
                "status": {"userInfo": {
                    "username": "system:serviceaccount:audit:scanner",
                    "uid": "0f1e2d3c",
                    "groups": ["system:serviceaccounts", "system:authenticated"],
                    "extra": {"authentication.kubernetes.io/credential-id": ["JTI=0f1e2d3c"]},
                }},
            }),
        ),
        ("/apis", _) => Reply::json(200, &groups(behaviour)),
        (path, _) if path.ends_with("/log") => log(behaviour, asked),
        (_, Some((entry, version))) if serves(behaviour, entry, &version) => {
            page(shared, entry, &version, asked, &list)
        }
        _ => Reply::no_path(),
    })
}

/// The log of one container, as text.
fn log(behaviour: &Behaviour, asked: &Asked) -> Reply {
    let parts: Vec<&str> = asked.path.split('/').collect();
    let (namespace, pod) = (parts[4], parts[6]);
    let mut pairs = asked.query.split('&');
    let container = pairs.find_map(|pair| pair.strip_prefix("container="));
    let name = format!("{namespace}/{pod}/{}", container.unwrap_or_default());
    match behaviour.logs.get(&name) {
        Some(text) => Reply {
            status: 200,
            headers: Vec::new(),
            content_type: "text/plain",
            body: text.clone().into_bytes(),
        },
        None => Reply::status(404, "NotFound", "the container has no log"),
    }
}

fn version_asked(entry: &Entry, path: &str) -> Option<String> {
    let version = path.rsplit('/').nth(1)?;
    (entry.path(version) == path).then(|| version.to_owned())
}

fn serves(behaviour: &Behaviour, entry: &Entry, version: &str) -> bool {
    let other = behaviour.other_versions.iter();
    let other = other.map(|(group, _)| group).any(|g| g == entry.group);
    let missing = behaviour.missing_groups.iter().any(|g| g == entry.group);
    !other && !missing && entry.versions.contains(&version)
}

fn groups(behaviour: &Behaviour) -> Value {
    let names: BTreeSet<&str> = entries().iter().map(|entry| entry.group).collect();
    let groups = names.into_iter().filter(|name| {
        !name.is_empty() && !behaviour.missing_groups.iter().any(|group| group == name)
    });
    let groups: Vec<Value> = groups
        .map(|name| {
            let other = behaviour
                .other_versions
                .iter()
                .find(|(group, _)| group == name);
            let versions: BTreeSet<&str> = match other {
                Some((_, version)) => BTreeSet::from([version.as_str()]),
                None => {
                    let entries = entries().iter().filter(|entry| entry.group == name);
                    entries.flat_map(|entry| entry.versions).copied().collect()
                }
            };
            let version = |v: &str| json!({"groupVersion": format!("{name}/{v}"), "version": v});
            let versions: Vec<Value> = versions.into_iter().map(version).collect();
            json!({"name": name, "versions": versions, "preferredVersion": versions[0]})
        })
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// Whether the ClusterRole, if there is one, grants a list or a path.
fn allowed(behaviour: &Behaviour, path: &str, entry: Option<&Entry>) -> bool {
    let Some(role) = &behaviour.role else {
        return true;
    };
    let holds = |rule: &Value, key: &str, value: &str| {
        let values = rule[key].as_array();
        values.is_some_and(|values| values.iter().any(|held| held == value))
    };
    let rules = role["rules"].as_array().expect("rules");
    // Every user may, by system:basic-user.
    if path == WHO {
        return true;
    }
    rules.iter().any(|rule| match entry {
        Some(entry) => {
            holds(rule, "verbs", "list")
                && holds(rule, "apiGroups", entry.group)
                && holds(rule, "resources", entry.plural)
        }
        None => holds(rule, "verbs", "get") && holds(rule, "nonResourceURLs", path),
    })
}

fn forbidden(resource: &str) -> Reply {
    let message = format!(
        "{resource} is forbidden: User \"scanner\" cannot list resource at the cluster scope"
    );
    Reply::status(403, "Forbidden", &message)
}

/// The fault that is due, counted.
fn fault(shared: &Shared, resource: &str, page: usize) -> Option<What> {
    let mut happened = shared.happened.lock().expect("the counts");
    for (fault, count) in shared.behaviour.faults.iter().zip(happened.iter_mut()) {
        let here = fault.resource == "*" || fault.resource == resource;
        if here && fault.page.is_none_or(|due| due == page) && *count < fault.times {
            *count += 1;
            return Some(fault.what.clone());
        }
    }
    None
}

fn go_wrong(shared: &Shared, what: &What, resource: &str, list: &Query) -> Option<Reply> {
    Some(match what {
        What::Forbidden => forbidden(resource),
        What::Status(code, reason) => Reply::status(*code, reason, "as the test wants it"),
        What::Throttled { retry_after } => {
            let mut reply = Reply::status(429, "TooManyRequests", "please try again later");
            reply.headers.push(("retry-after", retry_after.to_string()));
            reply
        }
        What::Expired { token } => {
            let mut reply =
                Reply::status(410, "Expired", "The provided continue parameter is too old");
            if *token {
                let mut body: Value = serde_json::from_slice(&reply.body).expect("a Status");
                body["metadata"] = json!({"continue": format!("fresh-{}", list.from)});
                reply.body = body.to_string().into_bytes();
            }
            reply
        }
        What::Body(body) => Reply {
            status: 200,
            headers: Vec::new(),
            content_type: "application/json",
            body: body.as_bytes().to_vec(),
        },
        What::Hang => {
            while !shared.closing.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
            return None;
        }
        What::Close => return None,
    })
}
