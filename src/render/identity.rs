//! Names for findings that stay the same from scan to scan, so that other systems recognise what they have seen.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::model::Finding;

/// SHA-256 of the rule and the resource: not of the outcome, the evidence or the moment.
pub fn fingerprint(finding: &Finding) -> String {
    let resource = &finding.resource;
    of(&[
        &finding.rule,
        resource.kind.as_str(),
        resource.id.as_str(),
        &resource.scope.to_string(),
    ])
}

/// SHA-256 of several texts, each with its end.
pub fn of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut hexadecimal = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

/// Where a rule is in a repository of rules: `rules/aws/rds/pitr.yaml`.
pub fn rule_file(rule: &str) -> String {
    let path = rule.chars().map(|c| match c {
        '.' => '/',
        c if c.is_ascii_alphanumeric() || c == '_' => c,
        _ => '-',
    });
    format!("rules/{}.yaml", path.collect::<String>())
}

/// What a URI's path may hold as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The path of a file within the repository, as a URI; none for standard input and for what lies outside.
pub fn within_repository(file: &str) -> Option<String> {
    let file = file.trim_start_matches("./");
    let outside = file.is_empty()
        || file == "stdin"
        || file.starts_with('/')
        || file.split('/').any(|part| part == "..");
    (!outside).then(|| path_in_uri(file))
}

/// A relative path as it stands in a URI.
pub fn path_in_uri(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_repository_have_a_place_in_it() {
        let place = |file| within_repository(file);
        assert_eq!(place("./k8s/a b.yaml"), Some("k8s/a%20b.yaml".to_owned()));
        for outside in ["stdin", "/etc/passwd", "../x.yaml", "a/../../x", ""] {
            assert_eq!(place(outside), None, "{outside}");
        }
    }

    #[test]
    fn the_end_of_a_part_counts() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(
            of(&[]),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_rules_file_is_a_plain_path() {
        assert_eq!(rule_file("aws.rds.pitr"), "rules/aws/rds/pitr.yaml");
        assert_eq!(rule_file("a/../ b%"), "rules/a-//--b-.yaml");
    }
}
