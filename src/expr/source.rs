//! The text of an expression: parsing it, and where in it things stand.

use std::ops::Range;

use cel::common::ast::{Expr, IdedExpr, SourceInfo};
use cel::parser::{ParseError, Parser};

use super::{MAX_LENGTH, Problem};

/// Enough for the parser on the worst 4 KB in a debug build (16 MiB overflows).
const STACK: usize = 64 << 20;

/// Runs `work`, which parses `source`, where deep nesting cannot overflow the stack and a panic of the parser is a problem
/// like any other.
pub(super) fn with_deep_stack<T: Send>(
    source: &str,
    work: impl FnOnce() -> Result<T, Vec<Problem>> + Send,
) -> Result<T, Vec<Problem>> {
    let whole = |message: String| {
        vec![Problem {
            message,
            start: 0,
            end: source.len(),
            help: None,
        }]
    };
    if source.len() > MAX_LENGTH {
        return Err(whole(format!(
            "the expression is {} bytes long, more than {MAX_LENGTH}",
            source.len()
        )));
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK);
        match worker.spawn_scoped(scope, work) {
            Ok(running) => running
                .join()
                .unwrap_or_else(|_| Err(whole("the expression cannot be parsed".to_owned()))),
            Err(error) => Err(whole(format!("no thread to parse on: {error}"))),
        }
    })
}

/// A parsed expression with the places of its parts.
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    info: SourceInfo,
}

impl<'s> Source<'s> {
    pub(super) fn parse(text: &'s str) -> Result<(IdedExpr, Self), Vec<Problem>> {
        Parser::new()
            .enable_optional_syntax(true)
            .enable_ident_escape_syntax(true)
            .parse_with_source_info(text)
            .map(|(expr, info)| (expr, Self { text, info }))
            .map_err(|errors| {
                let mut problems: Vec<Problem> = errors
                    .errors
                    .iter()
                    .map(|error| syntax_problem(text, error))
                    .collect();
                problems.dedup();
                problems
            })
    }

    /// The token that the parser gives for a node: a name, a literal, an operator, or an opening bracket.
    pub(super) fn token(&self, id: u64) -> Range<usize> {
        match self.info.offset_for(id) {
            Some((start, stop)) => {
                let start = usize::try_from(start).unwrap_or(0).min(self.text.len());
                let stop = usize::try_from(stop).unwrap_or(0).saturating_add(1);
                start..self.text.len().min(stop).max(start)
            }
            None => 0..self.text.len(),
        }
    }

    /// From an opening bracket to just after the one that closes it.
    pub(super) fn brackets(&self, id: u64) -> Range<usize> {
        let open = self.token(id).start;
        let mut depth = 0usize;
        let mut rest = self.text.get(open..).unwrap_or_default();
        while let Some(first) = rest.chars().next() {
            match first {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return open..self.text.len() - rest.len() + 1;
                    }
                }
                _ => {}
            }
            rest = rest.get(skip(rest)..).unwrap_or_default();
        }
        open..self.text.len()
    }

    /// The name that follows a dot, backticks included.
    pub(super) fn name_after(&self, id: u64) -> Range<usize> {
        let dot = self.token(id);
        let mut at = dot.end;
        let mut rest = self.text.get(at..).unwrap_or_default();
        while rest.starts_with(|c: char| c == '?' || c.is_whitespace() || c == '/') {
            let step = skip(rest);
            at += step;
            rest = rest.get(step..).unwrap_or_default();
        }
        let length = match rest.strip_prefix('`') {
            Some(quoted) => quoted.find('`').map_or(rest.len(), |end| end + 2),
            None => rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len()),
        };
        at..at + length
    }

    /// The name before an opening parenthesis.
    pub(super) fn name_before(&self, id: u64) -> Range<usize> {
        let before = self.text.get(..self.token(id).start).unwrap_or_default();
        let trimmed = before.trim_end();
        let start = trimmed
            .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map_or(0, |at| at + 1);
        start..trimmed.len()
    }

    /// The text of a part, on one line and not too long.
    pub(super) fn quote(&self, span: &Range<usize>) -> String {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let line: Vec<&str> = text.split_whitespace().collect();
        let line = line.join(" ");
        match line.char_indices().nth(60) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
            None => line,
        }
    }
}

/// How many bytes to go on by: over a whole string or comment, else one character.
fn skip(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let mut escaped = false;
            for (at, c) in inner.char_indices() {
                if !escaped && inner.get(at..).is_some_and(|s| s.starts_with(quote)) {
                    return quote.len() + at + quote.len();
                }
                escaped = !escaped && c == '\\';
            }
            return rest.len();
        }
    }
    if let Some(raw) = rest.strip_prefix(['r', 'R'])
        && let Some(quote) = ["\"\"\"", "'''", "\"", "'"]
            .into_iter()
            .find(|quote| raw.starts_with(quote))
    {
        let inner = raw.get(quote.len()..).unwrap_or_default();
        let end = inner.find(quote).map_or(inner.len(), |at| at + quote.len());
        return 1 + quote.len() + end;
    }
    // A name is taken whole, so that its last letter is not the prefix of a raw string.
    let name = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    name.max(rest.chars().next().map_or(1, char::len_utf8))
}

fn syntax_problem(text: &str, error: &ParseError) -> Problem {
    let (line, column) = error.pos;
    let line = usize::try_from(line).unwrap_or(0).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(0).saturating_sub(1);
    let mut start = 0;
    let mut line_text = "";
    for (at, part) in text.split_inclusive('\n').enumerate() {
        line_text = part.trim_end_matches(['\n', '\r']);
        if at == line {
            break;
        }
        start += part.len();
    }
    let start = start.min(text.len());
    let offset = line_text
        .char_indices()
        .nth(column)
        .map_or(line_text.len(), |(at, _)| at);
    let start = (start + offset).min(text.len());
    let length = text
        .get(start..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    let (message, help) = explain(&error.msg);
    Problem {
        message,
        start,
        end: start + length,
        help,
    }
}

/// The parser's words, with its lists of expected tokens made short.
fn explain(message: &str) -> (String, Option<String>) {
    let message = message
        .strip_prefix("Syntax error: ")
        .unwrap_or(message)
        .replace("'<EOF>'", "the end of the expression");
    if message.contains("Recursion limit") {
        return ("nested too deeply".to_owned(), None);
    }
    let (what, expected) = match message.split_once(" expecting ") {
        Some((what, expected)) => (what.to_owned(), Some(expected.to_owned())),
        None => (message, None),
    };
    let help = match expected.as_deref() {
        Some(list) if list.contains("NUM_INT") => Some("expected a value here".to_owned()),
        Some(list) => Some(format!("expected {list}")),
        None => match what.as_str() {
            text if text.contains("'= ") || text.contains("'='") => {
                Some("equality is written `==`".to_owned())
            }
            text if text.contains("'&") => Some("and is written `&&`".to_owned()),
            text if text.contains("'|") => Some("or is written `||`".to_owned()),
            _ => None,
        },
    };
    (what, help)
}

/// How deep a parsed expression is, counted without recursion.
pub(super) fn is_deeper_than(limit: usize, expr: &IdedExpr) -> bool {
    let mut waiting = vec![(expr, 1)];
    while let Some((expr, depth)) = waiting.pop() {
        if depth > limit {
            return true;
        }
        let mut push = |inner| waiting.push((inner, depth + 1));
        match &expr.expr {
            Expr::Call(call) => {
                call.target.iter().for_each(|target| push(target));
                call.args.iter().for_each(push);
            }
            Expr::Comprehension(loops) => {
                push(&loops.iter_range);
                push(&loops.loop_step);
            }
            Expr::List(list) => list.elements.iter().for_each(push),
            Expr::Select(select) => push(&select.operand),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let cel::common::ast::EntryExpr::MapEntry(entry) = &entry.expr {
                        push(&entry.key);
                        push(&entry.value);
                    }
                }
            }
            Expr::Struct(_) | Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brackets(text: &str) -> &str {
        let (expr, source) = Source::parse(text).unwrap();
        &text[source.brackets(expr.id)]
    }

    #[test]
    fn brackets_are_matched_over_strings_and_comments() {
        assert_eq!(
            brackets("f(')', \"]\\\"\", // )\n [1])"),
            "(')', \"]\\\"\", // )\n [1])"
        );
        assert_eq!(brackets("f(r'\\', '''a')'b''')"), "(r'\\', '''a')'b''')");
        assert_eq!(brackets("f(bar(')'))"), "(bar(')'))");
    }

    #[test]
    fn a_syntax_error_stands_where_it_is() {
        let at = |text: &str| {
            let problems = Source::parse(text).err().unwrap();
            let problem = problems.first().unwrap().clone();
            (problem.start, problem.end, problem.message)
        };
        assert_eq!(at("1 +").0, 3);
        // One letter of two bytes before the error, on the second line.
        let (start, end, message) = at("'é' ==\n  'é' = 1");
        assert_eq!(&"'é' ==\n  'é' = 1"[start..end], "=");
        assert!(
            message.contains("'='") || message.contains("token"),
            "{message}"
        );
    }

    #[test]
    fn a_wrong_operator_is_explained() {
        let problems = Source::parse("a = 1").err().unwrap();
        assert_eq!(
            problems[0].help.as_deref(),
            Some("equality is written `==`")
        );
    }

    #[test]
    fn the_worst_nesting_of_4_kb_is_refused_and_not_an_overflow() {
        for (part, count) in [
            ("(", 4096),
            ("[", 4096),
            ("a+(!", 1024),
            ("{1:", 1365),
            ("a.all(x,", 512),
        ] {
            let text = part.repeat(count);
            let parsed = with_deep_stack(&text, || Source::parse(&text).map(|_| ()));
            assert!(parsed.is_err(), "{part}");
        }
        let chain = format!("a{}", "+a".repeat(2047));
        let deep = with_deep_stack(&chain, || {
            Source::parse(&chain).map(|(expr, _)| is_deeper_than(100, &expr))
        });
        assert_eq!(deep, Ok(true));
    }
}
