//! A pattern over a whole text, as a waiver selects by.

use crate::glob::glob;

/// A pattern of [`glob`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glob(String);

impl Glob {
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern means the whole text.
    pub fn matches(&self, text: &str) -> bool {
        glob(&self.0, text)
    }

    /// Whether nothing in it tells one text from another.
    pub fn is_anything(&self) -> bool {
        self.0.chars().all(|c| matches!(c, '*' | '?'))
    }

    /// How many characters stand for themselves.
    pub fn literal(&self) -> usize {
        self.0.chars().filter(|c| !matches!(c, '*' | '?')).count()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::new(pattern).matches(text)
    }

    #[test]
    fn a_pattern_means_the_whole_text() {
        assert!(matches("prod", "prod"));
        assert!(!matches("prod", "prod-2"));
        assert!(!matches("prod", "my-prod"));
        assert!(!matches("prod", "PROD"));
        assert!(matches("*prod*", "my-prod-2"));
        assert!(!matches("", "x"));
    }

    #[test]
    fn only_star_and_question_mark_are_special() {
        assert!(matches(
            "arn:aws:rds:*:*:db:a?c",
            "arn:aws:rds:us-east-1:1:db:abc"
        ));
        assert!(!matches("db:a?c", "db:ac"));
        assert!(matches("a.c", "a.c"));
        assert!(!matches("a.c", "abc"));
        assert!(!matches("[ab]", "a"));
        assert!(matches("[ab]", "[ab]"));
        assert!(!matches("a|b", "a"));
        assert!(matches("\\*", "\\anything"));
        assert!(matches("é?", "éü"));
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let pattern = "*a".repeat(200) + "b";
        assert!(!matches(&pattern, &"a".repeat(5000)));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_regular_expression(pattern in "[ab*?.]{0,8}", text in "[ab.]{0,8}") {
            let regex = regex::escape(&pattern).replace(r"\*", ".*").replace(r"\?", ".");
            let regex = regex::Regex::new(&format!("^{regex}$")).unwrap();
            prop_assert_eq!(matches(&pattern, &text), regex.is_match(&text));
        }
    }
}
