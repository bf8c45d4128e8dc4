//! A small Kubernetes API server over HTTP: it lists objects as a real one was seen to, and fails as it is told to.

mod answers;
mod lists;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use answers::answer;

/// How the server departs from answering everything.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// What containers logged, by `namespace/pod/container`.
    pub logs: BTreeMap<String, String>,
    /// API groups that are not installed.
    pub missing_groups: Vec<String>,
    /// API groups that are installed in one other version only.
    pub other_versions: Vec<(String, String)>,
    /// A ClusterRole: everything else is refused.
    pub role: Option<Value>,
    /// The only bearer token that is let in.
    pub token: Option<String>,
    pub faults: Vec<Fault>,
    /// Not an API server at all: 404 to everything.
    pub nothing: bool,
}

/// One thing that goes wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `deployments.apps`, `pods`, `version`, or `*`.
    pub resource: String,
    /// The page of the list that it happens to, from 0; every page if none.
    pub page: Option<usize>,
    /// How often.
    pub times: usize,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Forbidden,
    /// A status with a Status object.
    Status(u16, &'static str),
    Throttled {
        retry_after: u64,
    },
    /// The list's snapshot is gone, with a token to go on from or without.
    Expired {
        token: bool,
    },
    /// This body, with status 200.
    Body(&'static str),
    /// No answer at all.
    Hang,
    /// The connection is closed.
    Close,
}

impl Fault {
    pub fn always(resource: &str, what: What) -> Self {
        Self::times(resource, usize::MAX, what)
    }

    pub fn times(resource: &str, times: usize, what: What) -> Self {
        Self {
            resource: resource.to_owned(),
            page: None,
            times,
            what,
        }
    }

    pub fn on_page(resource: &str, page: usize, what: What) -> Self {
        Self {
            page: Some(page),
            ..Self::times(resource, 1, what)
        }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub query: String,
    pub accept: String,
    pub agent: String,
}

struct Shared {
    objects: Vec<Value>,
    behaviour: Behaviour,
    /// How often each fault has happened.
    happened: Mutex<Vec<usize>>,
    log: Mutex<Vec<Asked>>,
    closing: AtomicBool,
}

/// A running server; it stops when dropped.
pub struct KubeServer {
    port: u16,
    shared: Arc<Shared>,
}

impl KubeServer {
    pub fn start(objects: Vec<Value>, behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            objects,
            happened: Mutex::new(vec![0; behaviour.faults.len()]),
            behaviour,
            log: Mutex::default(),
            closing: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if serving.closing.load(Ordering::SeqCst) {
                    break;
                }
                if let Ok(stream) = stream {
                    let serving = Arc::clone(&serving);
                    std::thread::spawn(move || connection(&serving, stream));
                }
            }
        });
        Self { port, shared }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that was asked, in order.
    pub fn log(&self) -> Vec<Asked> {
        self.shared.log.lock().expect("the log").clone()
    }
}

impl Drop for KubeServer {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// A kubeconfig with one context, `test`, for the cluster `streampulse` as `aws eks update-kubeconfig` names it.
pub fn kubeconfig(url: &str) -> String {
    let cluster = "arn:aws:eks:us-east-1:111122223333:cluster/streampulse";
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
         clusters:\n- name: {cluster}\n  cluster: {{server: \"{url}\"}}\n\
         contexts:\n- name: test\n  context: {{cluster: \"{cluster}\", user: scanner}}\n\
         users:\n- name: scanner\n  user: {{token: not-a-real-token}}\n"
    )
}

/// The objects of a YAML text of one or more documents.
pub fn objects(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).expect("YAML")
}

fn connection(shared: &Shared, stream: TcpStream) {
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let target = line.split_whitespace().nth(1).unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (mut accept, mut agent, mut authorization) =
            (String::new(), String::new(), String::new());
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let Some((name, value)) = header.trim().split_once(':') else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "accept" => accept = value.trim().to_owned(),
                "user-agent" => agent = value.trim().to_owned(),
                "authorization" => authorization = value.trim().to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let asked = Asked {
            path: path.to_owned(),
            query: query.to_owned(),
            accept,
            agent,
        };
        shared.log.lock().expect("the log").push(asked.clone());
        let Some(reply) = answer(shared, &asked, &authorization) else {
            return;
        };
        let mut head = format!(
            "HTTP/1.1 {} Status\r\ncontent-type: {}\r\ncontent-length: {}\r\naudit-id: 00000000-0000-0000-0000-000000000000\r\n",
            reply.status,
            reply.content_type,
            reply.body.len()
        );
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let sent = writer.write_all(head.as_bytes());
        if sent.and_then(|()| writer.write_all(&reply.body)).is_err() {
            return;
        }
    }
}

/// An object of any kind.
pub fn object(api_version: &str, kind: &str, namespace: Option<&str>, name: &str) -> Value {
    let mut metadata = Map::from_iter([("name".to_owned(), json!(name))]);
    if let Some(namespace) = namespace {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata})
}
