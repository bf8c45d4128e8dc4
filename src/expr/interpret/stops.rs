//! Why evaluation stops, in the words of the report.

use std::rc::Rc;

use serde_json::Value;

use super::super::Stop;
use super::super::types::{self, Mask};
use super::super::value::{Halt, Val};
use super::Interpreter;
use crate::model::{Reason, Unread};

impl<'x> Interpreter<'x, '_> {
    /// The stop for what cannot be told however much is read.
    pub(in crate::expr) fn unsupported(&self, why: &str) -> Halt {
        self.stop(Unread {
            reason: Reason::NotSupported,
            operation: String::new(),
            permission: None,
            detail: why.to_owned(),
        })
    }

    pub(super) fn stop(&self, unread: Unread) -> Halt {
        self.met.set(true);
        Rc::new(Stop::Unread(unread))
    }

    /// The stop for a marker's content.
    pub(super) fn unread(&self, content: &Value) -> Halt {
        self.stop(Unread::of_marker(content))
    }

    /// The stop for a sensitive value: it was there, and is not in the snapshot.
    pub(in crate::expr) fn redacted(&self, name: &str) -> Halt {
        self.stop(Unread {
            reason: Reason::NotRecorded,
            operation: name.to_owned(),
            permission: None,
            detail: "redacted".to_owned(),
        })
    }
}

/// The stop for a fact that is absent where the expression needs a value.
pub(in crate::expr) fn missing(path: &str) -> Halt {
    Rc::new(Stop::Unread(Unread {
        reason: Reason::MissingField,
        operation: path.to_owned(),
        permission: None,
        detail: "absent".to_owned(),
    }))
}

/// The stop for a present value that does not read as what it should be: data, not the rule, is at fault.
pub(in crate::expr) fn malformed(name: &str, what: &str) -> Halt {
    Rc::new(Stop::Unread(Unread {
        reason: Reason::ParseError,
        operation: name.to_owned(),
        permission: None,
        detail: format!("not {what}"),
    }))
}

pub(in crate::expr) fn bug(message: impl Into<String>) -> Halt {
    Rc::new(Stop::Bug(message.into()))
}

pub(in crate::expr) fn wrong_type(who: &str, wanted: Mask, value: &Val) -> Halt {
    bug(format!(
        "{who} takes {}, not {}",
        types::describe(wanted),
        types::describe(value.mask())
    ))
}

/// Of two stops the one to report: what is unread comes before a bug, which it might guard against.
pub(super) fn first_unread(first: Halt, second: Halt) -> Halt {
    match (&*first, &*second) {
        (Stop::Bug(_), Stop::Unread(_)) => second,
        _ => first,
    }
}

/// The stop to report, with one more.
pub(in crate::expr) fn later(pending: Option<Halt>, halt: Halt) -> Option<Halt> {
    Some(match pending {
        Some(first) => first_unread(first, halt),
        None => halt,
    })
}
