//! Samples of what pods log: the last lines of each container of the pods that a plan names.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::list::{list, reason, said};
use super::server::Groups;
use super::session::{Heard, Session};
use super::table::{POD, POD_LOG};
use crate::collect::Plan;
use crate::model::{Reason, Resource, ResourceId, Scope, Seen, Unread};
use crate::wire::Body;
use crate::wire::kubernetes::Failure;

/// How many lines of each container.
const LINES: usize = 100;

/// Lists the pods, and reads the logs of those that the plan names into `found`.
pub(super) async fn read(
    session: &Session,
    plan: &Plan,
    groups: &Groups,
    found: &mut BTreeMap<ResourceId, Resource>,
) -> Seen {
    let mut pods = BTreeMap::new();
    let listed = list(session, &POD, groups, &mut pods).await;
    for pod in pods.values() {
        let text = |path: &str| pod.document.pointer(path).and_then(Value::as_str);
        let (Some(namespace), Some(name)) = (text("/metadata/namespace"), text("/metadata/name"))
        else {
            continue;
        };
        let kind = POD_LOG.resource_kind();
        if !plan.may_sample(kind.as_str(), &format!("{namespace}/{name}")) {
            continue;
        }
        let containers = pod.document.pointer("/spec/containers");
        let containers = containers.and_then(Value::as_array).into_iter().flatten();
        for container in containers.filter_map(|container| container.get("name")?.as_str()) {
            let id = ResourceId::new(format!(
                "k8s://{}/{namespace}/PodLog/{name}/{container}",
                session.cluster()
            ));
            let document = json!({
                "apiVersion": POD_LOG.preferred(),
                "kind": POD_LOG.kind,
                "metadata": { "name": name, "namespace": namespace },
                "container": container,
                "lines": lines(session, namespace, name, container).await,
            });
            let resource = Resource {
                kind: kind.clone(),
                id: id.clone(),
                scope: Scope::kubernetes(session.cluster(), Some(namespace)),
                origin: None,
                document,
            };
            found.insert(id, resource);
        }
    }
    match listed {
        Seen::Complete { .. } => Seen::Complete { count: found.len() },
        other => other,
    }
}

/// The last lines of one container, redacted by the wire, or why they were not read.
async fn lines(session: &Session, namespace: &str, name: &str, container: &str) -> Value {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/log");
    let asked = format!("{path}?container={container}&tailLines={LINES}");
    let unread = |reason, detail| {
        let unread = Unread {
            reason,
            operation: format!("GET {path}"),
            permission: (reason == Reason::Denied).then(|| POD_LOG.permission()),
            detail,
        };
        unread.marker()
    };
    match session.ask(&asked, "application/json, */*").await {
        Ok(Heard {
            status: 200,
            body: Body::Text(text),
        }) => text.lines().map(Value::from).collect(),
        Ok(Heard {
            status: 200,
            body: Body::Json(line),
        }) => Value::from(vec![line.to_string()]),
        Ok(Heard { status, body }) => unread(reason(status), said(status, &body)),
        Err(Failure { reason, detail }) => unread(reason, detail),
    }
}
