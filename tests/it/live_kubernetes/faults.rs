//! What goes wrong on the way, and what is said of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use soc2scan::collect::{Progress, Scan, Stop};
use soc2scan::model::{Reason, Seen};
use soc2scan::wire::Wire;
use tokio::sync::watch;

use super::{
    complete, everything, ids, objects, open, plan, pods, queries, read, scan, seen, unread,
};
use crate::kube_server::{Behaviour, Fault, KubeServer, What, object};

fn faulty(faults: Vec<Fault>) -> Behaviour {
    Behaviour {
        faults,
        ..Behaviour::default()
    }
}

#[tokio::test]
async fn a_list_that_expires_goes_on_from_its_fresh_token() {
    let fault = Fault::on_page("pods", 1, What::Expired { token: true });
    let server = KubeServer::start(pods(1100), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Pod"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(1100));
    assert_eq!(
        queries(&server, "/api/v1/pods"),
        [
            "limit=500",
            "limit=500&continue=token-500",
            "limit=500&continue=fresh-500",
            "limit=500&continue=token-1000",
        ]
    );
}

#[tokio::test]
async fn a_list_that_expires_without_a_token_is_read_once_more() {
    let fault = Fault::on_page("pods", 1, What::Expired { token: false });
    let server = KubeServer::start(pods(600), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Pod"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(600));
    assert_eq!(queries(&server, "/api/v1/pods").len(), 4);

    for token in [true, false] {
        let fault = Fault {
            page: Some(1),
            ..Fault::always("pods", What::Expired { token })
        };
        let server = KubeServer::start(pods(600), faulty(vec![fault]));
        let snapshot = read(&server, plan(&["k8s.Pod"])).await;
        let unread = unread(&snapshot, "k8s.Pod");
        assert_eq!(unread.reason, Reason::ApiError);
        assert!(unread.detail.contains("expires faster"), "{unread}");
        assert_eq!(snapshot.resources.len(), 500);
    }
}

#[tokio::test]
async fn a_list_whose_tokens_lead_in_a_circle_ends() {
    let page = |page, body| Fault {
        page: Some(page),
        ..Fault::always("pods", What::Body(body))
    };
    let faults = vec![
        page(
            0,
            r#"{"kind": "PodList", "metadata": {"continue": "a-500"}, "items": []}"#,
        ),
        page(
            1,
            r#"{"kind": "PodList", "metadata": {"continue": "b-1000"}, "items": []}"#,
        ),
        page(
            2,
            r#"{"kind": "PodList", "metadata": {"continue": "a-500"}, "items": []}"#,
        ),
    ];
    let server = KubeServer::start(Vec::new(), faulty(faults));
    let read = read(&server, plan(&["k8s.Pod"]));
    let snapshot = tokio::time::timeout(Duration::from_secs(20), read).await;
    let snapshot = snapshot.expect("the list ends");
    let unread = unread(&snapshot, "k8s.Pod");
    assert_eq!(unread.reason, Reason::ApiError);
    assert_eq!(queries(&server, "/api/v1/pods").len(), 3);
}

#[tokio::test]
async fn a_group_that_is_not_installed_is_an_answer() {
    let behaviour = Behaviour {
        missing_groups: vec!["policy".to_owned()],
        ..Behaviour::default()
    };
    let server = KubeServer::start(Vec::new(), behaviour);
    let snapshot = read(&server, plan(&["k8s.PodDisruptionBudget", "k8s.Pod"])).await;
    assert_eq!(
        seen(&snapshot, "k8s.PodDisruptionBudget"),
        &Seen::NotInstalled
    );
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(0));
}

#[tokio::test]
async fn a_group_that_is_installed_in_another_version_is_not_read() {
    let behaviour = Behaviour {
        other_versions: vec![("policy".to_owned(), "v1beta1".to_owned())],
        ..Behaviour::default()
    };
    let server = KubeServer::start(Vec::new(), behaviour);
    let snapshot = read(&server, plan(&["k8s.PodDisruptionBudget"])).await;
    let unread = unread(&snapshot, "k8s.PodDisruptionBudget");
    assert_eq!(unread.reason, Reason::NotSupported);
    assert_eq!(
        unread.detail,
        "the cluster serves policy as v1beta1, and this version reads v1"
    );
}

#[tokio::test]
async fn what_is_installed_is_not_known_where_the_server_does_not_say_it() {
    for (what, reason, permission) in [
        (What::Forbidden, Reason::Denied, Some("get /apis")),
        (What::Throttled { retry_after: 0 }, Reason::Throttled, None),
        (What::Status(500, "InternalError"), Reason::ApiError, None),
        (What::Body("{}"), Reason::ParseError, None),
        (What::Body("<html>"), Reason::ParseError, None),
        (What::Close, Reason::Unreachable, None),
    ] {
        let behaviour = Behaviour {
            missing_groups: vec!["policy".to_owned()],
            faults: vec![Fault::always("apis", what.clone())],
            ..Behaviour::default()
        };
        let server = KubeServer::start(Vec::new(), behaviour);
        let snapshot = read(&server, plan(&["k8s.Pod", "k8s.PodDisruptionBudget"])).await;
        let unread = unread(&snapshot, "k8s.PodDisruptionBudget");
        assert_eq!(unread.reason, reason, "{what:?}");
        assert_eq!(unread.operation, "GET /apis");
        assert_eq!(unread.permission.as_deref(), permission);
        assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(0));
    }
}

#[tokio::test]
async fn what_is_installed_is_asked_once() {
    let behaviour = Behaviour {
        missing_groups: vec!["policy".to_owned(), "autoscaling".to_owned()],
        ..Behaviour::default()
    };
    let server = KubeServer::start(Vec::new(), behaviour);
    read(&server, everything()).await;
    assert_eq!(queries(&server, "/apis").len(), 1);
}

#[tokio::test]
async fn something_else_that_answers_404_has_not_said_that_nothing_is_there() {
    let behaviour = Behaviour {
        nothing: true,
        ..Behaviour::default()
    };
    let server = KubeServer::start(Vec::new(), behaviour);
    let snapshot = read(&server, everything()).await;
    for row in &snapshot.coverage {
        let unread = unread(&snapshot, row.kind.as_str());
        assert_eq!(unread.reason, Reason::ApiError, "{unread}");
    }
}

#[tokio::test]
async fn a_404_that_is_a_status_is_an_error() {
    let fault = Fault::always("deployments.apps", What::Status(404, "NotFound"));
    let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Deployment"])).await;
    let unread = unread(&snapshot, "k8s.Deployment");
    assert_eq!(unread.reason, Reason::ApiError);
    assert_eq!(unread.detail, "HTTP 404: as the test wants it");
}

#[tokio::test]
async fn what_is_forbidden_is_unread_and_names_its_permission() {
    let faults = vec![
        Fault::always("deployments.apps", What::Forbidden),
        Fault::on_page("pods", 1, What::Forbidden),
    ];
    let mut all = pods(700);
    all.push(object("v1", "Service", Some("prod"), "web"));
    let server = KubeServer::start(all, faulty(faults));
    let plan = plan(&["k8s.Deployment", "k8s.Pod", "k8s.Service"]);
    let snapshot = read(&server, plan).await;
    let denied = unread(&snapshot, "k8s.Deployment");
    assert_eq!(denied.reason, Reason::Denied);
    assert_eq!(denied.operation, "GET /apis/apps/v1/deployments");
    assert_eq!(denied.permission.as_deref(), Some("list deployments.apps"));
    assert!(denied.detail.contains("is forbidden"), "{denied}");
    // What was read before stays, and the list is not complete.
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Denied);
    assert_eq!(seen(&snapshot, "k8s.Service"), &complete(1));
    assert_eq!(snapshot.resources.len(), 501);
}

#[tokio::test]
async fn what_is_forbidden_and_not_installed_is_not_there() {
    let faults = vec![
        Fault::always("gateways.gateway.networking.k8s.io", What::Forbidden),
        Fault::always("scaledobjects.keda.sh", What::Forbidden),
    ];
    let behaviour = Behaviour {
        missing_groups: vec!["keda.sh".to_owned()],
        ..faulty(faults)
    };
    let server = KubeServer::start(Vec::new(), behaviour);
    let snapshot = read(&server, plan(&["k8s.Gateway", "k8s.ScaledObject"])).await;
    assert_eq!(seen(&snapshot, "k8s.ScaledObject"), &Seen::NotInstalled);
    assert_eq!(unread(&snapshot, "k8s.Gateway").reason, Reason::Denied);
}

#[tokio::test]
async fn what_is_forbidden_is_unread_where_discovery_is_forbidden_too() {
    let behaviour = Behaviour {
        missing_groups: vec!["keda.sh".to_owned()],
        role: Some(serde_json::json!({ "rules": [] })),
        ..Behaviour::default()
    };
    let server = KubeServer::start(Vec::new(), behaviour);
    let snapshot = read(&server, plan(&["k8s.ScaledObject"])).await;
    assert_eq!(unread(&snapshot, "k8s.ScaledObject").reason, Reason::Denied);
}

#[tokio::test]
async fn credentials_that_are_refused_are_said_once_and_leave_everything_unread() {
    let behaviour = Behaviour {
        token: Some("another".to_owned()),
        ..Behaviour::default()
    };
    let server = KubeServer::start(pods(1), behaviour);
    let snapshot = read(&server, plan(&["k8s.Pod", "k8s.Node"])).await;
    for kind in ["k8s.Pod", "k8s.Node"] {
        assert_eq!(unread(&snapshot, kind).reason, Reason::Credentials);
    }
    assert_eq!(server.log().len(), 1);
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let faults = vec![
        Fault::times("pods", 2, What::Throttled { retry_after: 1 }),
        Fault::times("nodes", 3, What::Status(503, "ServiceUnavailable")),
    ];
    let server = KubeServer::start(pods(1), faulty(faults));
    let began = Instant::now();
    let snapshot = read(&server, plan(&["k8s.Pod", "k8s.Node"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(1));
    assert_eq!(seen(&snapshot, "k8s.Node"), &complete(0));
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(queries(&server, "/api/v1/pods").len(), 3);
}

#[tokio::test]
async fn a_server_that_stays_busy_or_broken_is_asked_four_times() {
    let faults = vec![
        Fault::always("pods", What::Throttled { retry_after: 0 }),
        Fault::always("nodes", What::Status(500, "InternalError")),
        Fault::always("services", What::Status(504, "Timeout")),
    ];
    let server = KubeServer::start(Vec::new(), faulty(faults));
    let snapshot = read(&server, plan(&["k8s.Pod", "k8s.Node", "k8s.Service"])).await;
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Throttled);
    assert_eq!(unread(&snapshot, "k8s.Node").reason, Reason::ApiError);
    assert_eq!(unread(&snapshot, "k8s.Service").reason, Reason::Timeout);
    for path in ["/api/v1/pods", "/api/v1/nodes", "/api/v1/services"] {
        assert_eq!(queries(&server, path).len(), 4, "{path}");
    }
}

#[tokio::test]
async fn a_list_that_hangs_times_out_alone() {
    let fault = Fault::always("pods", What::Hang);
    let server = KubeServer::start(pods(1), faulty(vec![fault]));
    let wire = Arc::new(Wire::live());
    let folder = tempfile::TempDir::new().unwrap();
    let mut options = super::in_file(&folder, &super::kubeconfig(&server.url()));
    options.timeout_seconds = Some(1);
    let session = super::Session::open(&options, Arc::clone(&wire))
        .await
        .unwrap();
    let began = Instant::now();
    let snapshot = session
        .collect(&scan(plan(&["k8s.Pod", "k8s.Node"]), &wire))
        .await;
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Timeout);
    assert_eq!(unread(&snapshot, "k8s.Pod").detail, "no answer within 1 s");
    assert_eq!(seen(&snapshot, "k8s.Node"), &complete(0));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_never_an_empty_one() {
    for (body, reason) in [
        ("<html>welcome</html>", Reason::ParseError),
        (
            "{\"kind\": \"PodList\", \"items\": [{\"metadata\": {\"name\": \"a\"}}",
            Reason::ParseError,
        ),
        ("", Reason::ParseError),
        ("{}", Reason::ParseError),
        ("[]", Reason::ParseError),
        (
            "{\"kind\": \"PodList\", \"metadata\": {}}",
            Reason::ParseError,
        ),
        ("{\"kind\": \"PodList\", \"items\": {}}", Reason::ParseError),
        (
            "{\"kind\": \"PodList\", \"items\": [{\"spec\": {}}]}",
            Reason::ParseError,
        ),
        (
            "{\"kind\": \"PodList\", \"items\": [\"a\"]}",
            Reason::ParseError,
        ),
    ] {
        let fault = Fault::always("pods", What::Body(body));
        let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
        let snapshot = read(&server, plan(&["k8s.Pod"])).await;
        assert_eq!(unread(&snapshot, "k8s.Pod").reason, reason, "{body}");
    }
    let body = "{\"kind\": \"PodList\", \"metadata\": {}, \"items\": null}";
    let fault = Fault::always("pods", What::Body(body));
    let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Pod"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(0));
}

#[tokio::test]
async fn one_item_without_a_name_does_not_hide_the_others() {
    let body =
        "{\"kind\": \"NodeList\", \"items\": [{\"spec\": {}}, {\"metadata\": {\"name\": \"a\"}}]}";
    let fault = Fault::always("nodes", What::Body(body));
    let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Node"])).await;
    assert_eq!(unread(&snapshot, "k8s.Node").reason, Reason::ParseError);
    assert_eq!(ids(&snapshot), ["k8s://streampulse//Node/a"]);
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let body = "{\"kind\": \"NodeList\", \"metadata\": {\"continue\": \"same\"}, \"items\": []}";
    let fault = Fault::always("nodes", What::Body(body));
    let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Node"])).await;
    assert_eq!(unread(&snapshot, "k8s.Node").reason, Reason::ApiError);
    assert_eq!(queries(&server, "/api/v1/nodes").len(), 2);
}

#[tokio::test]
async fn a_server_that_ignores_what_is_asked_of_secrets_leaks_nothing() {
    let body = "{\"kind\": \"SecretList\", \"items\": [{\"metadata\": {\"name\": \"a\", \"namespace\": \"b\"}, \
                \"data\": {\"password\": \"aHVudGVyMg==\"}}]}";
    let fault = Fault::always("secrets", What::Body(body));
    let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
    let wire = Arc::new(Wire::record());
    let session = open(&server.url(), &wire).await;
    let snapshot = session.collect(&scan(plan(&["k8s.Secret"]), &wire)).await;
    assert_eq!(seen(&snapshot, "k8s.Secret"), &complete(1));
    assert!(snapshot.resources[0].document.get("data").is_none());
    assert!(!format!("{:?}", wire.tape()).contains("aHVudGVyMg"));
}

#[tokio::test]
async fn a_closed_connection_is_unreachable_and_asked_again_once() {
    let fault = Fault::always("nodes", What::Close);
    let server = KubeServer::start(Vec::new(), faulty(vec![fault]));
    let snapshot = read(&server, plan(&["k8s.Node", "k8s.Pod"])).await;
    assert_eq!(unread(&snapshot, "k8s.Node").reason, Reason::Unreachable);
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(0));
}

#[tokio::test]
async fn an_interrupted_scan_keeps_what_it_has() {
    let fault = Fault {
        page: Some(1),
        ..Fault::always("pods", What::Hang)
    };
    let server = KubeServer::start(pods(600), faulty(vec![fault]));
    let wire = Arc::new(Wire::live());
    let session = open(&server.url(), &wire).await;
    let (stop, stopped) = watch::channel(false);
    let nodes_read = Arc::new(AtomicBool::new(false));
    let reading = Arc::clone(&nodes_read);
    let scan = Scan {
        stop: Stop::new(stopped.clone()),
        progress: Arc::new(move |progress| {
            if let Progress::Finished(row) = progress
                && row.kind.as_str() == "k8s.Node"
            {
                reading.store(true, Ordering::SeqCst);
            }
        }),
        ..scan(plan(&["k8s.Node", "k8s.Pod"]), &wire)
    };
    let stopping = async {
        while queries(&server, "/api/v1/pods").len() < 2 || !nodes_read.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send(true).unwrap();
    };
    let (snapshot, ()) = tokio::join!(session.collect(&scan), stopping);
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Interrupted);
    assert_eq!(seen(&snapshot, "k8s.Node"), &complete(0));
    assert_eq!(snapshot.resources.len(), 500);

    let before = server.log().len();
    let snapshot = session.collect(&scan).await;
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Interrupted);
    assert_eq!(server.log().len(), before);
}

#[tokio::test]
async fn an_object_that_two_pages_hold_stands_once() {
    let mut all = pods(500);
    all.push(all[0].clone());
    let server = KubeServer::start(all, Behaviour::default());
    let snapshot = read(&server, plan(&["k8s.Pod"])).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(500));
    assert_eq!(objects("a: 1\n---\nb: 2\n").len(), 2);
}
