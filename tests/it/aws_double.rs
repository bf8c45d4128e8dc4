//! The double of AWS that live tests run against, and the proxy in front of it that denies, throttles, hangs and lies.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

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

/// The interpreter of an environment under target/ that holds the pinned packages; the first caller makes it.
pub fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let environment = target.join("moto-5.2.5");
    let python = environment.join("bin/python");
    let ready = environment.join("ready");
    fs::create_dir_all(target).unwrap();
    let lock = File::create(target.join("moto-5.2.5.lock")).unwrap();
    lock.lock().unwrap();
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&ready).is_ok_and(|found| found == wanted) {
        return python;
    }
    let run = |command: &mut Command| {
        let shown = format!("{command:?}");
        let output = command.output().unwrap_or_else(|error| {
            panic!("the live tests need Python 3 with venv and pip: {shown}: {error}")
        });
        assert!(
            output.status.success(),
            "the live tests need Python 3 with venv and pip: {shown}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(PACKAGES));
    fs::write(ready, wanted).unwrap();
    python
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
        (None, None) if method == "GET" && path.starts_with("/clusters/") => "DescribeCluster",
        (None, None) if method == "GET" && path.starts_with("/clusters") => "ListClusters",
        (None, None) => method,
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
        "rds" | "elasticloadbalancing" | "sts" => (
            status,
            vec![id],
            format!(
                "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>{code}\
                 </Code><Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
            ),
        ),
        "eks" => (
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
