//! Ink: colour and links that survive the laying out of a table.
//!
//! While lines are wrapped and aligned, a styled word carries marks of no width; [`Ink::paint`] turns them into what a
//! terminal understands. The marks are among the characters that [`clean`](super::text::clean) escapes, so data has
//! none.

use super::Look;
use super::text::is_web;

/// Begins a styled word: two of these say which mark it is.
const DIGITS: u32 = 0xE0100;
const BASE: usize = 240;
/// Ends it.
const END: char = '\u{2060}';

/// How text looks where colour is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Bold,
    Dim,
    Red,
    BoldRed,
    Yellow,
    BoldYellow,
    Green,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "31",
            Style::BoldRed => "1;31",
            Style::Yellow => "33",
            Style::BoldYellow => "1;33",
            Style::Green => "32",
        }
    }
}

struct Mark {
    style: Style,
    link: Option<String>,
}

/// The marks of one page.
pub struct Ink {
    color: bool,
    hyperlinks: bool,
    marks: Vec<Mark>,
}

impl Ink {
    pub fn new(look: &Look) -> Self {
        Self {
            color: look.color,
            hyperlinks: look.hyperlinks,
            marks: Vec::new(),
        }
    }

    /// Clean text in a style.
    pub fn style(&mut self, text: &str, style: Style) -> String {
        if self.color && style != Style::Plain {
            self.mark(text, Mark { style, link: None })
        } else {
            text.to_owned()
        }
    }

    /// Clean text that leads to a page.
    pub fn link(&mut self, text: &str, url: Option<&String>, style: Style) -> String {
        match url.filter(|url| self.hyperlinks && is_web(url)) {
            Some(url) => self.mark(
                text,
                Mark {
                    style: if self.color { style } else { Style::Plain },
                    link: Some(url.clone()),
                },
            ),
            None => self.style(text, style),
        }
    }

    fn mark(&mut self, text: &str, mark: Mark) -> String {
        let index = self.marks.len();
        let (Some(high), Some(low)) = (digit(index / BASE), digit(index % BASE)) else {
            return text.to_owned();
        };
        self.marks.push(mark);
        text.split(' ')
            .map(|word| match word {
                "" => String::new(),
                word => format!("{high}{low}{word}{END}"),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The page as a terminal takes it. No style and no link goes over the end of a line.
    pub fn paint(&self, page: &str) -> String {
        let mut painted = String::with_capacity(page.len());
        let mut open: Option<usize> = None;
        let mut rest = page.chars();
        while let Some(c) = rest.next() {
            if let Some(high) = value(c) {
                let low = rest.next().and_then(value).unwrap_or_default();
                self.close(&mut open, &mut painted);
                self.open(high * BASE + low, &mut open, &mut painted);
            } else if c == END {
                match next_word(rest.as_str(), open) {
                    Some(after) => {
                        painted.push(' ');
                        rest = after.chars();
                    }
                    None => self.close(&mut open, &mut painted),
                }
            } else {
                if c == '\n' {
                    self.close(&mut open, &mut painted);
                }
                painted.push(c);
            }
        }
        self.close(&mut open, &mut painted);
        painted
    }

    fn open(&self, index: usize, open: &mut Option<usize>, painted: &mut String) {
        if let Some(mark) = self.marks.get(index) {
            if let Some(link) = &mark.link {
                painted.push_str(&format!("\u{1b}]8;;{link}\u{1b}\\"));
            }
            if mark.style != Style::Plain {
                painted.push_str(&format!("\u{1b}[{}m", mark.style.code()));
            }
            *open = Some(index);
        }
    }

    fn close(&self, open: &mut Option<usize>, painted: &mut String) {
        if let Some(mark) = open.take().and_then(|index| self.marks.get(index)) {
            if mark.style != Style::Plain {
                painted.push_str("\u{1b}[0m");
            }
            if mark.link.is_some() {
                painted.push_str("\u{1b}]8;;\u{1b}\\");
            }
        }
    }
}

/// What follows if the next word, one space on, has the same mark.
fn next_word(rest: &str, open: Option<usize>) -> Option<&str> {
    let mut chars = rest.strip_prefix(' ')?.chars();
    let index = value(chars.next()?)? * BASE + value(chars.next()?)?;
    (Some(index) == open).then_some(chars.as_str())
}

fn digit(value: usize) -> Option<char> {
    let value = u32::try_from(value).ok().filter(|_| value < BASE)?;
    char::from_u32(DIGITS + value)
}

fn value(c: char) -> Option<usize> {
    let value = usize::try_from(u32::from(c).checked_sub(DIGITS)?).ok()?;
    (value < BASE).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ink(color: bool, hyperlinks: bool) -> Ink {
        Ink::new(&Look {
            width: 80,
            color,
            hyperlinks,
        })
    }

    #[test]
    fn without_colour_and_links_nothing_is_marked() {
        let mut ink = ink(false, false);
        assert_eq!(ink.style("gap", Style::Red), "gap");
        let url = "https://example.com".to_owned();
        assert_eq!(ink.link("gap", Some(&url), Style::Red), "gap");
    }

    #[test]
    fn words_of_one_mark_are_painted_as_one() {
        let mut ink = ink(true, false);
        let text = ink.style("two words", Style::Bold);
        assert_eq!(ink.paint(&text), "\u{1b}[1mtwo words\u{1b}[0m");
    }

    #[test]
    fn a_wrapped_style_stops_at_the_end_of_the_line() {
        let mut ink = ink(true, false);
        let text = ink
            .style("two words", Style::Bold)
            .replace(' ', "   x\n   ");
        assert_eq!(
            ink.paint(&text),
            "\u{1b}[1mtwo\u{1b}[0m   x\n   \u{1b}[1mwords\u{1b}[0m"
        );
    }

    #[test]
    fn only_plain_web_links_are_linked() {
        let mut ink = ink(false, true);
        let text = ink.link(
            "rule",
            Some(&"https://example.com/a".to_owned()),
            Style::Bold,
        );
        assert_eq!(
            ink.paint(&text),
            "\u{1b}]8;;https://example.com/a\u{1b}\\rule\u{1b}]8;;\u{1b}\\"
        );
        for url in ["javascript:alert(1)", "https://e\u{1b}\\x", "https://e x"] {
            assert_eq!(ink.link("rule", Some(&url.to_owned()), Style::Bold), "rule");
        }
    }

    #[test]
    fn many_marks_are_told_apart() {
        let mut ink = ink(true, false);
        for _ in 0..500 {
            ink.style("x", Style::Bold);
        }
        let text = ink.style("last", Style::Green);
        assert_eq!(ink.paint(&text), "\u{1b}[32mlast\u{1b}[0m");
    }
}
