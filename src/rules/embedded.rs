//! The rule files that are part of the program: everything below `rules/` when it was built.

use super::load::Source;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The rule files that are part of the program, in order.
pub fn embedded() -> Vec<Source> {
    FILES
        .iter()
        .map(|(path, text)| Source::new(*path, *text))
        .collect()
}
