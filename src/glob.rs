//! Patterns in which `*` is any run of characters and `?` any one; everything else is itself, from start to end.

/// Whether the pattern means the whole text. In time of the product of the two lengths at worst.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // What follows the last star, and the text that it did not take.
    let mut star = None;
    loop {
        let left = text.clone();
        match (pattern.next(), text.next()) {
            (Some('*'), _) => {
                star = Some((pattern.clone(), left.clone()));
                text = left;
            }
            (Some(wanted), Some(c)) if wanted == '?' || wanted == c => {}
            (None, None) => return true,
            (_, None) => return false,
            (_, Some(_)) => {
                let Some((after, untaken)) = &mut star else {
                    return false;
                };
                untaken.next();
                (pattern, text) = (after.clone(), untaken.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_run_and_the_ends_hold() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "abc"),
            ("prod-*", "prod-api"),
            ("prod-*", "prod-"),
            ("*-prod", "a-prod"),
            ("a*b*c", "aXbbYc"),
            ("a**c", "ac"),
            ("abc", "abc"),
            ("*ab*ab", "xabab"),
            ("", ""),
            ("a?c", "abc"),
            ("a?c", "aéc"),
            ("rds:delete?binstance", "rds:deletedbinstance"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("prod-*", "preprod-api"),
            ("prod", "prod-api"),
            ("a*b", "acb "),
            ("ab*ba", "aba"),
            ("*ab*ab", "xab"),
            ("", "a"),
            ("a?c", "ac"),
            ("?", ""),
        ] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }
}
