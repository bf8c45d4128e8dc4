//! The name that was probably meant.

use std::fmt::Write as _;

/// The name that was probably meant: one that is a few slips away, or one of which a part was written.
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let names: Vec<&str> = names.into_iter().collect();
    let lower = wrong.to_lowercase();
    let nearest = names
        .iter()
        .map(|name| {
            let other = name.to_lowercase();
            (strsim::damerau_levenshtein(&lower, &other), *name)
        })
        .min();
    if let Some((distance, name)) = nearest
        && distance <= (wrong.chars().count() / 3).max(1)
    {
        return Some(name);
    }
    let parts = names.into_iter().filter(|name| {
        let other = name.to_lowercase();
        lower.len() >= 4 && (other.contains(&lower) || lower.contains(&other)) && other.len() >= 4
    });
    parts.min_by_key(|name| name.len().abs_diff(wrong.len()))
}

/// "did you mean `x`?" for the nearest of some names, or the names themselves where they are few and none is near.
pub fn suggest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(name) = nearest(wrong, names.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    if names.is_empty() || names.len() > 8 {
        return None;
    }
    let mut listed = String::from("known here:");
    for (at, name) in names.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(listed, "{comma} `{name}`");
    }
    Some(listed)
}

#[cfg(test)]
mod tests {
    use super::{nearest, suggest};

    #[test]
    fn the_nearest_name_is_suggested() {
        let fields = ["BackupRetentionPeriod", "BackupTarget", "MultiAZ"];
        assert_eq!(
            suggest("BackupRetentionPeroid", fields).unwrap(),
            "did you mean `BackupRetentionPeriod`?"
        );
        assert_eq!(
            suggest("multiAz", fields).unwrap(),
            "did you mean `MultiAZ`?"
        );
    }

    #[test]
    fn every_list_of_names_is_measured_alike() {
        let regions = ["eu-west-1", "us-east-1", "us-west-2"];
        assert_eq!(nearest("us-esat-1", regions), Some("us-east-1"));
        assert_eq!(nearest("frankfurt", regions), None);
        let profiles = ["production", "staging"];
        assert_eq!(nearest("Prodction", profiles), Some("production"));
        assert_eq!(nearest("prod", profiles), Some("production"));
        assert_eq!(nearest("dev", profiles), None);
    }

    #[test]
    fn a_part_of_a_name_suggests_it() {
        assert_eq!(
            suggest("RetentionPeriod", ["BackupRetentionPeriod", "MultiAZ"]).unwrap(),
            "did you mean `BackupRetentionPeriod`?"
        );
    }

    #[test]
    fn a_few_names_are_listed_and_many_are_not() {
        assert_eq!(
            suggest("zzz", ["ab", "cd"]).unwrap(),
            "known here: `ab`, `cd`"
        );
        let many = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"];
        assert_eq!(suggest("zzzzzz", many), None);
        assert_eq!(suggest("x", []), None);
    }
}
