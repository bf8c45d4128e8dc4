//! The page as it grows: markup is written by the program, data only as text, so that no data is ever markup.

use crate::render::text::{clean, is_web};

/// HTML that grows.
#[derive(Default)]
pub struct Page {
    text: String,
}

impl Page {
    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn into_string(self) -> String {
        self.text
    }

    /// Markup of our own.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// A style sheet. It cannot end before its end; one that would is no longer what the policy allows.
    pub fn style(&mut self, sheet: &str) -> &mut Self {
        self.raw("<style>");
        self.text.push_str(&sheet.replace('<', ""));
        self.raw("</style>\n")
    }

    /// What another page holds.
    pub fn append(&mut self, page: &Page) -> &mut Self {
        self.text.push_str(&page.text);
        self
    }

    /// Data on one line.
    pub fn text(&mut self, data: &str) -> &mut Self {
        escape(&clean(data), &mut self.text);
        self
    }

    /// Data that keeps its lines.
    pub fn lines(&mut self, data: &str) -> &mut Self {
        for (index, line) in data.trim_end().lines().enumerate() {
            if index > 0 {
                self.text.push('\n');
            }
            escape(&clean(line), &mut self.text);
        }
        self
    }

    pub fn number(&mut self, number: usize) -> &mut Self {
        self.text.push_str(&number.to_string());
        self
    }

    /// An opening tag; the values of its attributes are data.
    pub fn open(&mut self, tag: &'static str, attributes: &[(&'static str, &str)]) -> &mut Self {
        self.text.push('<');
        self.text.push_str(tag);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape(&clean(value), &mut self.text);
            self.text.push('"');
        }
        self.text.push('>');
        self
    }

    pub fn close(&mut self, tag: &'static str) -> &mut Self {
        self.text.push_str("</");
        self.text.push_str(tag);
        self.text.push('>');
        self
    }

    /// An element that holds data.
    pub fn element(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &str)],
        data: &str,
    ) -> &mut Self {
        self.open(tag, attributes).text(data).close(tag)
    }

    /// Data that may break after each `/`.
    pub fn path(&mut self, data: &str) -> &mut Self {
        for part in data.split_inclusive('/') {
            self.text(part);
            if part.ends_with('/') && part != "/" && !part.ends_with(":/") {
                self.text.push_str("<wbr>");
            }
        }
        self
    }

    /// A link to the web, or the address as text where it is not one.
    pub fn web(&mut self, url: &str) -> &mut Self {
        if is_web(url) {
            let attributes = [("href", url), ("rel", "noopener noreferrer")];
            self.element("a", &attributes, url)
        } else {
            self.text(url)
        }
    }

    /// A link to a place on the page.
    pub fn link(&mut self, anchor: &str, data: &str) -> &mut Self {
        self.element("a", &[("href", &format!("#{anchor}"))], data)
    }

    /// Paragraphs: a blank line ends one, other ends of lines are only spaces.
    pub fn paragraphs(&mut self, data: &str) -> &mut Self {
        let lines: Vec<_> = data.trim().lines().map(str::trim).collect();
        for paragraph in lines.split(|line| line.is_empty()) {
            if !paragraph.is_empty() {
                self.element("p", &[], &paragraph.join(" "));
            }
        }
        self
    }

    /// The head of a table. Its name is a paragraph before it, which a page break does not part from it.
    pub fn table(&mut self, class: &str, name: &str, heads: &[&'static str]) -> &mut Self {
        self.element("p", &[("class", "caption"), ("aria-hidden", "true")], name);
        self.open("table", &[("class", class), ("aria-label", name)]);
        self.raw("<thead><tr>");
        for head in heads {
            self.raw("<th scope=\"col\">").raw(head).raw("</th>");
        }
        self.raw("</tr></thead><tbody>\n")
    }

    /// Says how many of all rows follow those that are shown.
    pub fn more(&mut self, all: usize, shown: usize) {
        if all > shown {
            self.raw("<p class=\"cut\">And ")
                .number(all - shown)
                .raw(" more, listed in the JSON form.</p>\n");
        }
    }

    pub fn end_table(&mut self) -> &mut Self {
        self.raw("</tbody></table>\n")
    }
}

/// The name of a place on the page: `rule-aws.rds.pitr`.
pub fn anchor(prefix: &str, id: &str) -> String {
    let plain = id.chars().map(|c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => c,
        _ => '-',
    });
    format!("{prefix}-{}", plain.collect::<String>())
}

fn escape(data: &str, into: &mut String) {
    for c in data.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_never_markup() {
        let mut page = Page::default();
        page.element(
            "td",
            &[("title", "\" onclick='x'")],
            "</td><script>&\u{202e}",
        );
        assert_eq!(
            page.into_string(),
            "<td title=\"&quot; onclick=&#39;x&#39;\">&lt;/td&gt;&lt;script&gt;&amp;\\u{202e}</td>"
        );
    }

    #[test]
    fn only_the_web_is_linked() {
        let mut page = Page::default();
        page.web("javascript:alert(1)").web("https://a.example/\"b");
        assert_eq!(
            page.into_string(),
            "javascript:alert(1)<a href=\"https://a.example/&quot;b\" rel=\"noopener noreferrer\">\
             https://a.example/&quot;b</a>"
        );
    }

    #[test]
    fn lines_are_kept_where_they_are_wanted_and_an_anchor_is_one_word() {
        let mut page = Page::default();
        page.lines("a\r\nb\tc\n\n");
        page.paragraphs("\none\ntwo\n\n\nthree ");
        assert_eq!(page.into_string(), "a\nb\\tc<p>one two</p><p>three</p>");
        assert_eq!(anchor("rule", "a.b c\"<"), "rule-a.b-c--");
    }
}
