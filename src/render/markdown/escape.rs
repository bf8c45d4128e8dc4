//! Data as text of a Markdown page, and nothing else.

use crate::render::text::{clean, is_web};

/// Text that is only text: no markup, no end of a cell, no mention, no link.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // The space of no width keeps a name from following it: GitHub looks for mentions after decoding.
            '@' => escaped.push_str("&#64;&#8203;"),
            '$' => escaped.push_str("&#36;"),
            '|' => escaped.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
        .replace("://", "&#58;//")
        .replace("www.", "www&#46;")
}

/// Text in a monospaced face. The element, not backticks: it takes escapes, and GitHub finds no mention in it.
pub fn code(text: &str) -> String {
    let text = escaped(text).replace("&#8203;", "");
    format!("<code>{text}</code>")
}

pub fn link(text: &str, url: Option<&String>) -> String {
    let text = escaped(text);
    match url.filter(|url| is_web(url)) {
        Some(url) => {
            let mut target = String::new();
            for c in url.chars() {
                match c {
                    '(' | ')' | '<' | '>' | '|' | '\\' | '"' | '`' | '@' | '[' | ']' => {
                        target.push_str(&format!("%{:02X}", u32::from(c)));
                    }
                    c => target.push(c),
                }
            }
            format!("[{text}]({target})")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_only_text() {
        assert_eq!(escaped("a|b"), "a&#124;b");
        assert_eq!(escaped("@octocat"), "&#64;&#8203;octocat");
        assert_eq!(code("@octocat `x`"), "<code>&#64;octocat \\`x\\`</code>");
        assert_eq!(
            escaped("<img src=x onerror=\"a\">"),
            "&lt;img src=x onerror=&quot;a&quot;&gt;"
        );
        assert_eq!(escaped("a\nb"), "a\\\\nb");
        assert_eq!(escaped("see https://x.y #1"), "see https&#58;//x.y \\#1");
    }

    #[test]
    fn a_link_is_of_the_web_and_ends_where_it_should() {
        let link = |url: &str| link("a|b", Some(&url.to_owned()));
        assert_eq!(
            link("https://x.y/(a)|b"),
            "[a&#124;b](https://x.y/%28a%29%7Cb)"
        );
        assert_eq!(link("javascript:alert(1)"), "a&#124;b");
    }
}
