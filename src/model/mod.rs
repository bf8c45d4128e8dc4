//! The words of the program as plain data: what was seen, what was concluded, and what always holds of both.

mod control;
mod coverage;
mod digest;
mod fact;
mod finding;
mod register;
mod report;
mod resource;
mod schema;
mod snapshot;
mod topic;

pub use control::{Automation, Category, ControlStatus, Criterion, criteria, criterion};
pub use coverage::{Coverage, Seen};
pub use digest::sha256;
pub use fact::{Fact, REDACTED, Reason, UNREAD, Unread, unread_in};
pub use finding::{CheckStatus, Finding, Outcome, Severity, Subject};
pub use register::{
    AttestationReport, AttestedDocument, AttestedPopulation, AttestedResult, CompensatingControl,
    Period, VendorReport, WaiverReport, WaiverState,
};
pub use report::{
    AttestationStatus, Attested, Bearing, CheckCoverage, CheckReport, ControlCheck, ControlReport,
    Counts, Digests, Exclusion, Fix, Report, RuleBug, Summary, Variable,
};
pub use resource::{Kind, Origin, Platform, Resource, ResourceId, Scope};
pub use schema::{Schema, Shape};
pub use snapshot::{Call, Snapshot, Target, Tool};
pub use topic::{Topic, topic, topics};
