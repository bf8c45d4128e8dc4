//! The wire: the one seam to the network, where every exchange can be recorded, replayed and is redacted.
//!
//! A live scan, a recording and a replay run the same code above this module. Redaction happens here in all three, so a
//! value that must not be kept never rises above the wire.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
mod redact;
mod requests;
mod tape;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use redact::kubernetes_object;
pub use requests::{Operation, Request, TOKENS, operations, requests};
pub use tape::{Manifest, Recording, Tape, TapeError};

use crate::model::{Call, Reason};

/// What was asked, free of host, credentials, time and everything else that differs between equal questions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The service as its signature names it (`rds`, `elasticloadbalancing`), or `kubernetes`.
    pub service: String,
    /// The region of the signature, or the cluster.
    pub region: String,
    /// The operation, for counting calls: `DescribeDBInstances`, or the Kubernetes path.
    pub operation: String,
    pub method: String,
    pub path: String,
    /// The query string, its pairs sorted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The `x-amz-target` header, or the `accept` header of a Kubernetes request where it is not plain JSON.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Answer {
    Response {
        status: u16,
        /// Request ids, date, content type and error type; lower-case names.
        headers: BTreeMap<String, String>,
        body: Body,
    },
    /// No answer came: a fact too, and replayed as one.
    Failure { reason: Reason, detail: String },
}

/// The body of an answer: JSON as such, so that a tape can be read and diffed, anything else as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    Json(Value),
    Text(String),
}

impl Body {
    /// A body from the bytes of a response. Bytes that are not UTF-8 become replacement characters: every operation
    /// used answers text.
    pub fn new(bytes: &[u8]) -> Self {
        match serde_json::from_slice(bytes) {
            Ok(json) => Body::Json(json),
            Err(_) => Body::Text(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Body::Json(json) => json.to_string().into_bytes(),
            Body::Text(text) => text.clone().into_bytes(),
        }
    }
}

/// Response headers that are kept: the provider's request ids, and what decoding needs.
pub const KEPT_HEADERS: [&str; 9] = [
    "audit-id",
    "content-type",
    "date",
    "retry-after",
    "x-amz-apigw-id",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amzn-errortype",
    "x-amzn-requestid",
];

/// Live, recording, or replaying; shared by everything that asks.
#[derive(Debug)]
pub struct Wire {
    state: Mutex<State>,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Live,
    Record,
    Replay,
}

#[derive(Debug, Default)]
struct State {
    tape: Tape,
    /// How many of a question's answers have been given.
    given: BTreeMap<Question, usize>,
    calls: BTreeMap<(String, String), u64>,
}

impl Wire {
    pub fn live() -> Self {
        Self::new(Mode::Live, Tape::default())
    }

    pub fn record() -> Self {
        Self::new(Mode::Record, Tape::default())
    }

    pub fn replay(tape: Tape) -> Self {
        Self::new(Mode::Replay, tape)
    }

    fn new(mode: Mode, tape: Tape) -> Self {
        let state = Mutex::new(State {
            tape,
            ..State::default()
        });
        Self { state, mode }
    }

    pub fn is_replay(&self) -> bool {
        self.mode == Mode::Replay
    }

    /// The recorded answer, on a replay; `None` when the question must go out.
    ///
    /// A question asked again gets the next answer that was recorded for it, and the last one from then on, so that a
    /// throttled call that was retried is replayed as it was. A question that is not on the tape is a failure with
    /// [`Reason::NotRecorded`], never a call out.
    pub fn recall(&self, question: &Question) -> Option<Answer> {
        if self.mode != Mode::Replay {
            return None;
        }
        let mut state = self.state();
        state.count(question);
        let nth = state.given.entry(question.clone()).or_default();
        let index = *nth;
        *nth += 1;
        let answer = state.tape.answer(question, index).cloned();
        Some(answer.unwrap_or_else(|| Answer::Failure {
            reason: Reason::NotRecorded,
            detail: "not on the tape".to_owned(),
        }))
    }

    /// Takes an answer from the network: counts it, redacts it, and keeps it when recording. What this returns is all
    /// that anything above the wire may see.
    pub fn heard(&self, question: Question, answer: Answer) -> Answer {
        let answer = redact::answer(&question, answer);
        let mut state = self.state();
        state.count(&question);
        if self.mode == Mode::Record {
            state.tape.push(question, answer.clone());
        }
        answer
    }

    /// Every operation asked so far and how often, attempts included, sorted.
    pub fn calls(&self) -> Vec<Call> {
        let state = self.state();
        let calls = state.calls.iter();
        calls
            .map(|((service, operation), count)| Call {
                service: service.clone(),
                operation: operation.clone(),
                count: *count,
            })
            .collect()
    }

    /// What was recorded.
    pub fn tape(&self) -> Tape {
        self.state().tape.clone()
    }

    /// Nothing under the lock can panic halfway, so a poisoned lock still holds a whole state.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, question: &Question) {
        let key = (question.service.clone(), question.operation.clone());
        *self.calls.entry(key).or_default() += 1;
    }
}
