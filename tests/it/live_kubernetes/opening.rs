//! Finding the cluster and its credentials.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use soc2scan::collect::kubernetes::{OpenError, Options, Session};
use soc2scan::model::{Reason, Snapshot};
use soc2scan::wire::Wire;
use tempfile::TempDir;

use super::{complete, in_file, kubeconfig, open, plan, pods, read, scan, seen, unread};
use crate::kube_server::{Behaviour, KubeServer};

async fn opened(text: &str, context: Option<&str>) -> Result<Session, OpenError> {
    let folder = TempDir::new().unwrap();
    let mut options = in_file(&folder, text);
    options.context = context.map(str::to_owned);
    Session::open(&options, Arc::new(Wire::live())).await
}

async fn refused(text: &str, context: Option<&str>) -> (String, String) {
    match opened(text, context).await {
        Ok(_) => panic!("opened"),
        Err(error) => (error.to_string(), error.hint()),
    }
}

/// A scan of one kind through a kubeconfig of this text.
async fn collected(text: &str) -> Snapshot {
    let folder = TempDir::new().unwrap();
    let options = in_file(&folder, text);
    let wire = Arc::new(Wire::live());
    let session = Session::open(&options, Arc::clone(&wire)).await.unwrap();
    session.collect(&scan(plan(&["k8s.Pod"]), &wire)).await
}

/// The kubeconfig with another user.
fn with_user(url: &str, user: &str) -> String {
    kubeconfig(url).replace("{token: not-a-real-token}", user)
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_leaves_every_kind_unread() {
    let wire = Arc::new(Wire::live());
    for url in [
        "http://127.0.0.1:1",
        "https://127.0.0.1:1",
        "https://no-such-host.invalid",
    ] {
        let session = open(url, &wire).await;
        let snapshot = session
            .collect(&scan(plan(&["k8s.Pod", "k8s.Node"]), &wire))
            .await;
        for kind in ["k8s.Pod", "k8s.Node"] {
            let unread = unread(&snapshot, kind);
            assert_eq!(unread.reason, Reason::Unreachable, "{unread}");
            assert!(unread.operation.starts_with("GET /api/v1/"), "{unread}");
            assert!(!unread.detail.is_empty());
        }
        assert!(snapshot.resources.is_empty());
    }
    // Who does not answer is asked once and once more, and then no list at all.
    assert!(
        wire.calls()
            .iter()
            .all(|call| call.operation == "GET /version")
    );
}

#[tokio::test]
async fn a_server_without_tls_is_unreachable_over_https() {
    let server = KubeServer::start(pods(1), Behaviour::default());
    let snapshot = collected(&kubeconfig(&server.url().replace("http:", "https:"))).await;
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Unreachable);
}

#[tokio::test]
async fn a_kubeconfig_that_is_not_there_is_named() {
    let options = Options {
        kubeconfig: Some("/no/such/kubeconfig".into()),
        ..Options::default()
    };
    let opened = Session::open(&options, Arc::new(Wire::live())).await;
    let Err(error) = opened else { panic!("opened") };
    assert_eq!(
        error.to_string(),
        "--kubeconfig names the kubeconfig /no/such/kubeconfig, which does not exist"
    );
}

#[tokio::test]
async fn a_malformed_kubeconfig_is_told_with_its_line_and_without_its_secrets() {
    for (text, line) in [
        ("apiVersion: v1\nclusters: [\n", "line 2"),
        ("users:\n\t- x\n", "line 2"),
        ("users:\n- name: a\n  user: \"hunter2\"\n", "line 3"),
        (
            "users:\n- {name: a, user: {exec: {interactiveMode: hunter2}}}",
            "line 2",
        ),
        (
            "users:\n- {name: a, user: {exec: {provideClusterInfo: hunter2}}}",
            "line 2",
        ),
        ("hunter2", "line 1"),
        ("users: {hunter2: hunter2}\n", "line 1"),
        ("users: []\nusers: *hunter2\n", "line 2"),
        ("users:\n- user: {}\n", "line 2"),
    ] {
        let (message, hint) = refused(text, None).await;
        assert!(message.starts_with("the kubeconfig /"), "{message}");
        assert!(
            message.contains(&format!("config {line} is malformed: ")),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
        assert!(!hint.is_empty());
    }
    let (message, _) = refused("users:\n- user: {}\n", None).await;
    assert!(
        message.ends_with("is malformed: missing field name"),
        "{message}"
    );
}

#[tokio::test]
async fn an_unknown_context_is_told_with_the_known_ones() {
    let text = kubeconfig("http://127.0.0.1:1");
    let (message, hint) = refused(&text, Some("tset")).await;
    assert_eq!(message, "there is no context \"tset\" in the kubeconfig");
    assert_eq!(hint, "did you mean \"test\"? its contexts are test");
    let (_, hint) = refused(&text, Some("production")).await;
    assert_eq!(hint, "its contexts are test");
}

#[tokio::test]
async fn a_kubeconfig_without_a_current_context_needs_one_named() {
    let text = kubeconfig("http://127.0.0.1:1").replace("current-context: test\n", "");
    let (message, hint) = refused(&text, None).await;
    assert_eq!(message, "the kubeconfig has no current context");
    assert_eq!(hint, "choose one with --context; its contexts are test");
    assert!(opened(&text, Some("test")).await.is_ok());
    for nothing in ["", "apiVersion: v1\nkind: Config\n"] {
        let opened = opened(nothing, None).await;
        assert!(matches!(opened, Err(OpenError::NotConfigured)));
    }
}

#[tokio::test]
async fn a_context_that_leads_nowhere_is_told() {
    let text = kubeconfig("http://127.0.0.1:1");
    let (message, _) = refused(
        &text.replace("context: {cluster: \"arn", "context: {cluster: \"x"),
        None,
    )
    .await;
    assert!(
        message.contains("which the kubeconfig does not have"),
        "{message}"
    );
    let (message, _) = refused(
        &text.replace("{server: \"http://127.0.0.1:1\"}", "{}"),
        None,
    )
    .await;
    assert!(message.ends_with("its cluster has no server"), "{message}");
    let (message, _) = refused(&text.replace("http://127.0.0.1:1", "::"), None).await;
    assert!(message.contains("cannot be used"), "{message}");
}

#[tokio::test]
async fn a_cluster_that_is_no_arn_keeps_its_name() {
    let text = kubeconfig("http://127.0.0.1:1");
    let text = text.replace(
        "arn:aws:eks:us-east-1:111122223333:cluster/streampulse",
        "kind-dev",
    );
    assert_eq!(opened(&text, None).await.unwrap().cluster(), "kind-dev");
}

#[tokio::test]
async fn a_credential_plugin_is_run() {
    let behaviour = Behaviour {
        token: Some("from-the-plugin".to_owned()),
        ..Behaviour::default()
    };
    let server = KubeServer::start(pods(1), behaviour);
    assert_eq!(
        unread(&read(&server, plan(&["k8s.Pod"])).await, "k8s.Pod").reason,
        Reason::Credentials
    );
    let printed = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-the-plugin"}}"#;
    let plugin = |script: &str| {
        let script = serde_json::to_string(script).unwrap();
        with_user(
            &server.url(),
            &format!(
                "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, args: [-c, {script}], interactiveMode: Never}}}}"
            ),
        )
    };
    let snapshot = collected(&plugin(&format!("echo '{printed}'"))).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(1));

    for (script, words) in [
        (
            "echo hunter2; echo 'the SSO session has expired' >&2; exit 3",
            "the SSO session has expired",
        ),
        ("echo hunter2", "not an ExecCredential"),
    ] {
        let before = server.log().len();
        let snapshot = collected(&plugin(script)).await;
        let unread = unread(&snapshot, "k8s.Pod");
        assert_eq!(unread.reason, Reason::Credentials);
        assert!(unread.detail.contains(words), "{unread}");
        assert!(!unread.detail.contains("hunter2"), "{unread}");
        assert_eq!(server.log().len(), before);
    }
    let missing = with_user(
        &server.url(),
        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never}}",
    );
    let snapshot = collected(&missing).await;
    assert!(
        unread(&snapshot, "k8s.Pod")
            .detail
            .contains("cannot be started")
    );
}

/// A proxy that serves one `CONNECT`, and its address.
fn proxy() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(client.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        let target = head.split_whitespace().nth(1).unwrap();
        let server = TcpStream::connect(target).unwrap();
        (&client).write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut from, mut to) = (server.try_clone().unwrap(), client);
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        std::io::copy(&mut reader, &mut &server)
    });
    address
}

#[tokio::test]
async fn the_proxy_of_a_kubeconfig_is_used() {
    let server = KubeServer::start(pods(1), Behaviour::default());
    let url = server.url();
    let through = |proxy: &str| {
        let with = format!("server: \"{url}\", proxy-url: \"http://{proxy}\"");
        kubeconfig(&url).replace(&format!("server: \"{url}\""), &with)
    };
    let snapshot = collected(&through(&proxy())).await;
    assert_eq!(seen(&snapshot, "k8s.Pod"), &complete(1));
    let snapshot = collected(&through("127.0.0.1:1")).await;
    assert_eq!(unread(&snapshot, "k8s.Pod").reason, Reason::Unreachable);
}
