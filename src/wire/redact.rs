//! Redaction: takes out what must never be kept, before anything above the wire sees it.

mod arguments;
mod aws;
mod entropy;
mod kubernetes;
mod looks;
mod outline;

use serde_json::{Value, json};

use super::{Answer, Question};
use crate::model::REDACTED;
use looks::Looks;

/// The answer without sensitive values.
pub fn answer(question: &Question, answer: Answer) -> Answer {
    match question.service.as_str() {
        "kubernetes" => kubernetes::answer(question, answer),
        _ => aws::answer(question, answer),
    }
}

/// A Kubernetes object that did not come over the network, as if it had.
pub(crate) fn kubernetes_object(object: Value) -> Value {
    kubernetes::object(object)
}

/// What stands for a sensitive text: how long it was, and what its shape gives away.
fn marker(text: &str, looks: Option<Looks>) -> Value {
    let len = text.chars().count();
    let inside = match looks {
        Some(looks) => json!({ "len": len, "looks_like": looks.as_str() }),
        None => json!({ "len": len }),
    };
    json!({ REDACTED: inside })
}
