//! The words of the program as plain data: what was seen, what was concluded, and what always holds of both.

mod baseline;
mod control;
mod coverage;
mod digest;
mod fact;
mod finding;
mod group;
mod register;
mod report;
mod resource;
mod schema;
mod snapshot;
mod topic;

pub use baseline::{Baseline, BaselineState, Gone, Transition};
pub use control::{
    Automation, CRITERIA_FILE, Category, ControlStatus, Criterion, criteria, criterion,
};
pub use coverage::{Coverage, Seen};
pub use digest::{is_sha256, sha256};
pub use fact::{Fact, REDACTED, Reason, UNREAD, Unread, unread_in};
pub use finding::{CheckStatus, Finding, NotRun, Outcome, Severity, Subject};
pub use group::{Group, GroupStatus};
pub use register::{
    AttestationReport, AttestedDocument, AttestedPopulation, AttestedResult, CompensatingControl,
    Period, ScopeDecisionReport, VendorReport, WaiverReport, WaiverState,
};
pub use report::{
    AttestationStatus, Attested, AuditPeriod, Bearing, CheckCoverage, CheckReport, ControlCheck,
    ControlReport, Counts, Digests, Exclusion, Fix, OpenByItself, Report, RuleBug, Summary,
    Variable,
};
pub use resource::{Kind, Origin, Platform, Resource, ResourceId, Scope};
pub use schema::{Schema, Shape};
pub use snapshot::{Call, NoSnapshot, Snapshot, Target, Tool};
pub use topic::{TOPICS_FILE, Topic, topic, topics};
