//! The double of AWS that live tests run against, and the proxy in front of it that denies, throttles, hangs and lies.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use crate::python::environment;
use serde::Deserialize;
use soc2scan::collect::aws::permissions::permission;
use soc2scan::collect::aws::shapes;

const PACKAGES: [&str; 2] = ["moto[server]==5.2.5", "boto3==1.44.5"];

/// The account that holds one of everything (`aws_double.py`, seed); any other is empty.
pub const SEEDED: &str = "111122223333";
pub const EMPTY: &str = "444455556666";

/// The moto process. Its input is its life line: it ends when this process does, however that ends.
struct Double {
    port: u16,
    _process: Child,
    _life: ChildStdin,
    _output: BufReader<ChildStdout>,
}

static DOUBLE: OnceLock<Double> = OnceLock::new();

fn double() -> &'static Double {
    DOUBLE.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/aws_double.py");
        let mut process = Command::new(python())
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the double of AWS starts");
        let mut life = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the double says its port");
        writeln!(life, "seed {SEEDED}").unwrap();
        line.clear();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "ok\n", "the double is seeded");
        Double {
            port,
            _process: process,
            _life: life,
            _output: output,
        }
    })
}

/// Where the double listens, for whoever fills it.
pub fn endpoint() -> String {
    format!("http://127.0.0.1:{}", double().port)
}

/// The interpreter that the double runs in.
pub fn python() -> PathBuf {
    environment("moto-5.2.5", &PACKAGES)
}

/// A request as the proxy sees it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub service: String,
    pub region: String,
    pub operation: String,
    /// The path with its query string.
    pub path: String,
    pub body: String,
    /// How often the same service, region and operation was asked before.
    pub before: usize,
}

impl Asked {
    /// `rds:DescribeDBInstances`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The IAM action that it needs.
    pub fn permission(&self) -> String {
        let mut services = shapes::models().services.iter();
        let service = services.find(|(_, service)| {
            service.signing == self.service && service.operations.contains_key(&self.operation)
        });
        let name = service.map_or(self.service.as_str(), |(name, _)| name);
        permission(name, &self.operation)
    }
}

/// What the proxy does with a request.
pub enum Act {
    Pass,
    Reply {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Accepts and never answers.
    Hang,
    /// Passes, and cuts the answer in half.
    Halve,
}

type Rule = dyn Fn(&Asked) -> Act + Send + Sync;

/// A proxy in front of the double, for one test and one account.
pub struct Proxy {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Proxy {
    pub fn start(
        account: &'static str,
        rule: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let upstream = double().port;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, rule): (_, Arc<Rule>) = (Arc::clone(&asked), Arc::new(rule));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, rule) = (Arc::clone(&log), Arc::clone(&rule));
                thread::spawn(move || {
                    // A client that hangs up early is none of the proxy's business.
                    let _ = serve(stream, upstream, account, &log, &*rule);
                });
            }
        });
        Self { url, asked }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(
    mut stream: TcpStream,
    upstream: u16,
    account: &str,
    log: &Mutex<Vec<Asked>>,
    rule: &Rule,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(());
    }
    let mut head = String::new();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        if !name.eq_ignore_ascii_case("connection") {
            head.push_str(&line);
        }
    }
    let length = headers.get("content-length");
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body)?;

    let header = |name: &str| headers.get(name).map(String::as_str).unwrap_or_default();
    let asked = {
        let mut log = log.lock().unwrap();
        let mut asked = asked(
            &first,
            header("authorization"),
            header("x-amz-target"),
            &body,
        );
        asked.before = log
            .iter()
            .filter(|other| other.name() == asked.name() && other.region == asked.region)
            .count();
        log.push(asked.clone());
        asked
    };
    let answer = match rule(&asked) {
        Act::Pass | Act::Halve => {
            let mut there = TcpStream::connect(("127.0.0.1", upstream))?;
            write!(
                there,
                "{first}{head}x-moto-account-id: {account}\r\nConnection: close\r\n\r\n"
            )?;
            there.write_all(&body)?;
            let mut answer = Vec::new();
            there.read_to_end(&mut answer)?;
            if matches!(rule(&asked), Act::Halve) {
                answer.truncate(answer.len() - answer.len() / 4);
            }
            answer
        }
        Act::Reply {
            status,
            headers,
            body,
        } => {
            let mut answer = format!(
                "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n",
                body.len()
            );
            for (name, value) in headers {
                answer.push_str(&format!("{name}: {value}\r\n"));
            }
            format!("{answer}\r\n{body}").into_bytes()
        }
        Act::Hang => {
            thread::sleep(Duration::from_secs(60));
            return Ok(());
        }
    };
    stream.write_all(&answer)
}

fn asked(first: &str, authorization: &str, target: &str, body: &[u8]) -> Asked {
    let body = String::from_utf8_lossy(body).into_owned();
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap().to_owned());
    let scope: Vec<&str> = authorization
        .split("Credential=")
        .nth(1)
        .map(|scope| scope.split('/').collect())
        .unwrap_or_default();
    let part = |index: usize| scope.get(index).copied().unwrap_or_default().to_owned();
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    let operation = match (target.rsplit_once('.'), action) {
        (Some((_, operation)), _) => operation,
        (None, Some(action)) => action,
        (None, None) => by_path(&part(3), method, &path).unwrap_or(method),
    };
    Asked {
        service: part(3),
        region: part(2),
        operation: operation.to_owned(),
        path,
        body,
        before: 0,
    }
}

/// The operation of a REST service that this method and path ask for, by the service's model.
fn by_path(signing: &str, method: &str, asked: &str) -> Option<&'static str> {
    let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
    let services = shapes::models().services.values();
    let operations = services
        .filter(|service| service.signing == signing)
        .flat_map(|service| &service.operations);
    let mut found: Vec<(usize, &str)> = operations
        .filter_map(|(name, operation)| {
            let (of, template) = operation.http.as_deref()?.split_once(' ')?;
            let (template, fixed) = template.split_once('?').unwrap_or((template, ""));
            let fits = fixed.is_empty()
                || query
                    .split('&')
                    .any(|part| part.trim_end_matches('=') == fixed);
            let literal = literals(template.trim_end_matches('/'), path.trim_end_matches('/'))?;
            (of == method && fits)
                .then_some((literal * 2 + usize::from(!fixed.is_empty()), name.as_str()))
        })
        .collect();
    found.sort_unstable();
    found.pop().map(|(_, name)| name)
}

/// How many parts of a path are literally the template's; `None` where it does not fit.
fn literals(template: &str, path: &str) -> Option<usize> {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    let mut same = 0;
    loop {
        match (template.next(), path.next()) {
            (None, None) => return Some(same),
            (Some(part), Some(_)) if part.ends_with("+}") => return Some(same),
            (Some(part), Some(found)) if part == found => same += 1,
            (Some(part), Some(_)) if part.starts_with('{') => {}
            _ => return None,
        }
    }
}

/// Answers to operations that the double does not have, or answers with what no account has: in their documented shape,
/// from the YAML files of a folder.
#[derive(Clone, Default)]
pub struct Answers(Vec<Canned>);

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canned {
    /// `backup:ListProtectedResources`: the service as signatures name it.
    operation: String,
    /// What the path or the body has to hold.
    #[serde(default)]
    when: String,
    #[serde(default)]
    region: Option<String>,
    #[serde(default = "success")]
    status: u16,
    /// JSON, or a text that is XML. `{account}` is filled in; `{epoch-7200}` is the time two hours ago in seconds, a number
    /// where it is the whole of a string, and `{iso-7200}` the same as text.
    answer: serde_json::Value,
}

fn success() -> u16 {
    200
}

impl Answers {
    pub fn read(folder: &Path) -> Self {
        let mut found = Vec::new();
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let answers: Vec<Canned> = serde_saphyr::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            for canned in &answers {
                assert!(
                    is_known(&canned.operation),
                    "{}: {}",
                    file.display(),
                    canned.operation
                );
            }
            found.extend(answers);
        }
        Self(found)
    }

    /// The answer to what is asked, if one is written.
    pub fn to(&self, asked: &Asked, account: &str) -> Option<Act> {
        let canned = self.0.iter().find(|canned| {
            canned.operation == asked.name()
                && (asked.path.contains(&canned.when) || asked.body.contains(&canned.when))
                && canned
                    .region
                    .as_ref()
                    .is_none_or(|region| *region == asked.region)
        })?;
        let (kind, body) = match &canned.answer {
            serde_json::Value::String(xml) => ("text/xml", xml.clone()),
            json => ("application/json", json.to_string()),
        };
        Some(Act::Reply {
            status: canned.status,
            headers: vec![("Content-Type", kind.to_owned())],
            body: filled(&body, account),
        })
    }
}

/// Whether the models have the operation: a slip of the pen would be an answer that nobody asks for.
fn is_known(name: &str) -> bool {
    let (signing, operation) = name.split_once(':').unwrap();
    let mut services = shapes::models().services.values();
    services.any(|service| service.signing == signing && service.operations.contains_key(operation))
}

fn filled(body: &str, account: &str) -> String {
    let now = jiff::Timestamp::now();
    let mut found = String::new();
    let mut rest = body;
    while let Some(start) = rest.find("{epoch-").or_else(|| rest.find("{iso-")) {
        let start = rest.find("{iso-").map_or(start, |iso| iso.min(start));
        let end = start + rest[start..].find('}').unwrap();
        let (form, ago) = rest[start + 1..end].split_once('-').unwrap();
        let then = now - jiff::SignedDuration::from_secs(ago.parse().unwrap());
        let then = jiff::Timestamp::from_second(then.as_second()).unwrap();
        let quoted = rest[..start].ends_with('"') && rest[end + 1..].starts_with('"');
        if form == "epoch" && quoted {
            found.push_str(&rest[..start - 1]);
            found.push_str(&then.as_second().to_string());
            rest = &rest[end + 2..];
        } else {
            found.push_str(&rest[..start]);
            found.push_str(&if form == "epoch" {
                then.as_second().to_string()
            } else {
                then.to_string()
            });
            rest = &rest[end + 1..];
        }
    }
    found.push_str(rest);
    found.replace("{account}", account)
}

/// The error in the wire format of the service.
pub fn error(asked: &Asked, status: u16, code: &str, message: &str) -> Act {
    let json = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
    let id = (
        "x-amzn-requestid",
        "00000000-0000-4000-8000-000000000000".to_owned(),
    );
    let (status, headers, body) = match asked.service.as_str() {
        "ec2" => (
            status,
            vec![id],
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{message}\
                 </Message></Error></Errors><RequestID>0</RequestID></Response>"
            ),
        ),
        // A query service whose error is read as any other's; S3 leaves out the element around it.
        "rds"
        | "elasticloadbalancing"
        | "sts"
        | "iam"
        | "monitoring"
        | "sns"
        | "autoscaling"
        | "s3"
        | "cloudfront" => (
            status,
            vec![id],
            format!(
                "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>{code}\
                 </Code><Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
            ),
        ),
        "eks" | "backup" | "guardduty" | "inspector2" | "apigateway" | "macie2"
        | "elasticfilesystem" | "lambda" | "access-analyzer" | "securityhub" => (
            status,
            vec![
                id,
                (
                    "x-amzn-ErrorType",
                    format!("{code}:http://internal.amazon.com/"),
                ),
            ],
            format!(r#"{{"message":"{message}"}}"#),
        ),
        _ => (if status == 403 { 400 } else { status }, vec![id], json),
    };
    Act::Reply {
        status,
        headers,
        body,
    }
}

/// Access denied, as the service says it.
pub fn denied(asked: &Asked) -> Act {
    let code = match asked.service.as_str() {
        "ec2" => "UnauthorizedOperation",
        "rds" | "elasticloadbalancing" => "AccessDenied",
        _ => "AccessDeniedException",
    };
    let message = format!(
        "User: arn:aws:iam::{SEEDED}:user/auditor is not authorized to perform: {} because no identity-based policy allows it",
        asked.name()
    );
    error(asked, 403, code, &message)
}

/// A throttled call, as the service says it.
pub fn throttled(asked: &Asked) -> Act {
    match asked.service.as_str() {
        "ec2" => error(
            asked,
            503,
            "RequestLimitExceeded",
            "Request limit exceeded.",
        ),
        "rds" | "elasticloadbalancing" | "sts" => error(asked, 400, "Throttling", "Rate exceeded"),
        "eks" => error(asked, 429, "TooManyRequestsException", "Too many requests"),
        _ => error(asked, 400, "ThrottlingException", "Rate exceeded"),
    }
}

/// A success with this JSON body.
pub fn json(body: String) -> Act {
    Act::Reply {
        status: 200,
        headers: vec![("Content-Type", "application/x-amz-json-1.1".to_owned())],
        body,
    }
}
