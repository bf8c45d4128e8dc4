//! What people write down: waivers, attestations and what they declare not applicable, read with everything that is wrong at its place, or known to be valid.
//!
//! Reads no clock and no file: whether an entry still holds is for the evaluation to say.

mod attestation;
mod date;
mod file;
mod glob;
mod scope;
mod waiver;

#[cfg(test)]
mod tests;

pub use attestation::{Attestation, Attestations, attestations};
pub use date::{From, Until, end_of};
pub use file::Broken;
pub use glob::Glob;
pub use scope::{ScopeDecision, scope_decisions};
pub use waiver::{Checks, MAX_WAIVER_DAYS, Selectors, Waiver, Waivers, waivers};
