//! What a server says of itself before anything is listed: its version, its API groups, and who it takes the asker for.

use std::collections::BTreeMap;

use futures::future::OptionFuture;
use serde_json::Value;

use super::list::{reason, said};
use super::session::{Heard, Session};
use super::table::{GROUPS, VERSION};
use crate::model::{Reason, Unread};
use crate::wire::Body;
use crate::wire::kubernetes::Failure;

const JSON: &str = "application/json";

/// A server that answers.
pub struct Server {
    pub version: Option<String>,
    /// By what name it knows the one who asks.
    pub identity: Option<String>,
    pub groups: Groups,
}

/// The versions of every API group that is installed, by the group's name, or why they are not known.
pub type Groups = Result<BTreeMap<String, Vec<String>>, Unread>;

impl Session {
    /// Asks who answers; an error is why nothing more need be asked.
    pub(super) async fn server(&self) -> Result<Server, Failure> {
        let body = match self.ask(VERSION, JSON).await {
            Ok(Heard { status: 401, body }) => {
                return Err(Failure {
                    reason: reason(401),
                    detail: said(401, &body),
                });
            }
            Ok(heard) => heard.body,
            Err(failure) if failure.reason == Reason::NotRecorded => Body::Json(Value::Null),
            Err(failure) => return Err(failure),
        };
        let text = |name: &str| match &body {
            Body::Json(json) => json.get(name)?.as_str(),
            Body::Text(_) => None,
        };
        let version = text("gitVersion");
        // Nobody but an API server knows who asks.
        let speaks = version.is_some() || text("kind") == Some("Status");
        let who = OptionFuture::from(speaks.then(|| self.identity()));
        let (groups, identity) = futures::future::join(self.groups(), who).await;
        Ok(Server {
            version: version.map(str::to_owned),
            identity: identity.flatten(),
            groups,
        })
    }

    async fn identity(&self) -> Option<String> {
        let Ok(Heard {
            body: Body::Json(json),
            ..
        }) = self.ask_who().await
        else {
            return None;
        };
        let name = json.pointer("/status/userInfo/username");
        name.and_then(Value::as_str).map(str::to_owned)
    }

    async fn groups(&self) -> Groups {
        let unread = |reason, detail| Unread {
            reason,
            operation: format!("GET {GROUPS}"),
            permission: (reason == Reason::Denied).then(|| format!("get {GROUPS}")),
            detail,
        };
        match self.ask(GROUPS, JSON).await {
            Ok(Heard { status: 200, body }) => installed(&body).ok_or_else(|| {
                let detail = "the answer is not a list of API groups";
                unread(Reason::ParseError, detail.to_owned())
            }),
            Ok(Heard { status, body }) => Err(unread(reason(status), said(status, &body))),
            Err(Failure { reason, detail }) => Err(unread(reason, detail)),
        }
    }
}

fn installed(body: &Body) -> Option<BTreeMap<String, Vec<String>>> {
    let Body::Json(list) = body else {
        return None;
    };
    let groups = list.get("groups")?.as_array()?.iter().map(|group| {
        let name = group.get("name")?.as_str()?;
        let versions = group.get("versions")?.as_array()?.iter();
        let versions = versions.map(|it| Some(it.get("version")?.as_str()?.to_owned()));
        Some((name.to_owned(), versions.collect::<Option<_>>()?))
    });
    groups.collect()
}
