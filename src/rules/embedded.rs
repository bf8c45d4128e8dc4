//! The rule files that are part of the program: everything below `rules/` when it was built.

use super::load::Source;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Whether a rule is part of the program as it stands.
pub(super) fn is_embedded(id: &str, text: &str) -> bool {
    let path = format!("{}.yaml", id.replace('.', "/"));
    FILES.contains(&(path.as_str(), text))
}

/// The rule files that are part of the program, in order.
pub fn embedded() -> Vec<Source> {
    FILES
        .iter()
        .map(|(path, text)| Source::new(*path, *text))
        .collect()
}
