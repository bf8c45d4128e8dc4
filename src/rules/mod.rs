//! Rules: one YAML file each, refused with every error at once or known to be valid, and judged without I/O.
//!
//! A file is read as a tree that knows its places (`yaml`), given its form (`file`) and its meaning (`check`); what
//! comes out is a [`Rule`] whose expressions compiled against the schema and whose cases hold.

mod cases;
mod check;
mod document;
mod embedded;
mod evidence;
mod file;
mod load;
mod param;
mod rule;
mod schema;
#[cfg(test)]
mod tests;
mod unread;

pub use crate::yaml::FileError as RuleError;
pub use cases::{Case, CaseResult, run_case};
pub use embedded::embedded;
pub use load::{
    ParamError, ReadError, Rulebook, Source, broken_case, broken_unread_case, compile, load, prove,
    read_dir,
};
pub use param::{Misfit, Param, TYPES};
pub use rule::{Judgement, Rule, WhenEmpty, is_id};
pub use schema::json_schema;
pub use unread::{UnreadCase, run_unread_case, unread_cases};
