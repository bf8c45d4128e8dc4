//! soc2scan reads how AWS accounts and Kubernetes clusters are configured and reports, for every SOC 2 criterion, what
//! is evidenced, what is a gap, what could not be read and what a person must attest.
//!
//! ```text
//! collect            evaluate               render
//! -------> Snapshot ----------> Report ----------> bytes
//! (I/O)     (data)    (pure)     (data)   (pure)
//! ```
//!
//! Two values, [`model::Snapshot`] and [`model::Report`], and three functions. What was denied, throttled or not looked
//! at is part of the snapshot, and is `unknown` in the report: never a pass, never a fail, never missing.

pub mod bundle;
pub mod cli;
pub mod collect;
pub mod evaluate;
pub mod examine;
pub mod expr;
mod glob;
pub mod model;
pub mod register;
pub mod render;
pub mod rules;
mod suggest;
pub mod wire;
pub mod yaml;
