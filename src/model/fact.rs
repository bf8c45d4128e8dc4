//! A fact: what was read, or why it could not be read; never a default in its place.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The key that marks what was not read in a document.
///
/// An object that holds only this key is a fact that was not read. An object that holds it beside others was read in
/// part: the other keys are known, every other field is unread for the reason given.
pub const UNREAD: &str = "$unread";

/// The key that stands for a sensitive value: `{"$redacted": {"len": 12}}`.
pub const REDACTED: &str = "$redacted";

/// Why something is not known.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The provider refused: a permission is missing.
    Denied,
    /// No credentials, or expired or invalid ones.
    Credentials,
    /// The provider kept asking to slow down until the attempts ran out.
    Throttled,
    Timeout,
    /// No answer: name resolution, connection or TLS failed.
    Unreachable,
    /// Any other error answer.
    ApiError,
    /// An answer that is not what the provider's own model says.
    ParseError,
    /// The region is not enabled for the account.
    DisabledRegion,
    /// The tape holds no answer to the question.
    NotRecorded,
    /// The provider does not offer the operation there.
    NotSupported,
    /// Only a running cluster has it, and manifests were read.
    NotInManifests,
    /// The scan was stopped before this was read.
    Interrupted,
    /// The fact was read and is absent, and the rule does not say what that means.
    MissingField,
}

impl Reason {
    /// The name used in JSON and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Denied => "denied",
            Reason::Credentials => "credentials",
            Reason::Throttled => "throttled",
            Reason::Timeout => "timeout",
            Reason::Unreachable => "unreachable",
            Reason::ApiError => "api_error",
            Reason::ParseError => "parse_error",
            Reason::DisabledRegion => "disabled_region",
            Reason::NotRecorded => "not_recorded",
            Reason::NotSupported => "not_supported",
            Reason::NotInManifests => "not_in_manifests",
            Reason::Interrupted => "interrupted",
            Reason::MissingField => "missing_field",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was asked, and why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unread {
    pub reason: Reason,
    /// `rds:DescribeDBInstances`, or `GET /apis/apps/v1/deployments`.
    pub operation: String,
    /// The permission that would let it be read, where that is what is missing: `rds:DescribeDBInstances`, or
    /// `list deployments.apps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// The provider's own words, without credentials.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Unread {
    /// What a marker holds under its key.
    pub fn of_marker(content: &Value) -> Self {
        serde_json::from_value(content.clone()).unwrap_or_else(|_| Self {
            reason: Reason::ParseError,
            operation: String::new(),
            permission: None,
            detail: format!("malformed {UNREAD} marker"),
        })
    }

    /// The marker that stands in a document for a fact that was not read.
    pub fn marker(&self) -> Value {
        let mut marker = serde_json::Map::new();
        marker.insert(UNREAD.to_owned(), self.to_value());
        Value::Object(marker)
    }

    /// The marker's content.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.operation)?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

/// The marker in an object, if it has one: the reason why its missing fields are missing.
pub fn unread_in(value: &Value) -> Option<Unread> {
    value.as_object()?.get(UNREAD).map(Unread::of_marker)
}

/// A value that may not have been read.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact<T> {
    Known(T),
    Unread(Unread),
}

impl<T> Fact<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Known(value) => Fact::Known(f(value)),
            Fact::Unread(unread) => Fact::Unread(unread),
        }
    }
}
