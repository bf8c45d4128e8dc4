//! Which of a finding's facts to show beside it: those that the rule's condition names, in its order.

use std::ops::Range;

use crate::model::{CheckReport, Finding, Outcome, Variable, unread_in};
use serde_json::Value;

use super::text;

/// The most facts beside one finding.
const FACTS: usize = 3;

/// The longest path of a fact that is shown whole.
const PATH: usize = 36;

/// `BackupRetentionPeriod` and `0`: the facts that decided, as many as fit into `most` characters, and at least one.
pub fn deciding(finding: &Finding, check: &CheckReport, most: usize) -> Vec<(String, String)> {
    let mut decisive = Vec::new();
    name(&check.assert, finding, &check.variables, &mut decisive);
    if decisive.is_empty() {
        decisive.extend(finding.evidence.keys().map(String::as_str));
    }
    // A verdict was reached without what was not read, or does not exist for this kind.
    let is_read = |path: &&str| {
        let value = finding.evidence.get(*path);
        value.is_some_and(|value| unread_in(value).is_none())
    };
    if finding.outcome != Outcome::Unknown && decisive.iter().any(is_read) {
        decisive.retain(is_read);
    }
    blame(&mut decisive, finding, check);
    let mut left = most;
    decisive
        .iter()
        .take(FACTS)
        .filter_map(|path| {
            let value = finding.evidence.get(*path)?;
            Some((short_path(path), short_value(value, most)))
        })
        .enumerate()
        .take_while(|(index, (path, value))| {
            let length = path.chars().count() + value.chars().count() + " = , ".len();
            let fits = *index == 0 || length <= left;
            left = left.saturating_sub(length);
            fits
        })
        .map(|(_, fact)| fact)
        .collect()
}

/// `min_days = 7`: the parameters that the condition compares with, but for long lists.
pub fn params(check: &CheckReport) -> impl Iterator<Item = String> {
    let mentioned = |name: &str| {
        let variables = check.variables.iter().map(|variable| &variable.expression);
        [&check.assert]
            .into_iter()
            .chain(variables)
            .any(|expression| position(expression, &format!("params.{name}")).is_some())
    };
    check
        .params
        .iter()
        .filter(move |(name, value)| !value.is_array() && mentioned(name))
        .map(|(name, value)| format!("{} = {}", text::clean(name), short_value(value, 20)))
}

/// Keeps the facts that plainly break a conjunction, or, where none plainly does, those that do not plainly hold.
fn blame(facts: &mut Vec<&str>, finding: &Finding, check: &CheckReport) {
    let parts: Vec<_> = conjuncts(&check.assert)
        .into_iter()
        .filter(|part| !part.contains("||") && !part.contains(" ? "))
        .collect();
    let verdict = |path: &&str| {
        let value = finding.evidence.get(*path)?;
        parts.iter().find_map(|part| {
            let after = part.get(mention(part, path)?.end..)?;
            plain_verdict(after, value, check)
        })
    };
    let verdicts: Vec<_> = facts.iter().map(verdict).collect();
    let wanted = match verdicts.contains(&Some(false)) {
        true => Some(false),
        false => None,
    };
    if verdicts.contains(&wanted) {
        let mut verdicts = verdicts.iter();
        facts.retain(|_| verdicts.next() == Some(&wanted));
    }
}

/// What an expression joins by `&&`; all of it where it joins otherwise.
fn conjuncts(expression: &str) -> Vec<&str> {
    let (mut depth, mut quote) = (0_usize, None);
    let mut ends = Vec::new();
    for (at, c) in expression.char_indices() {
        let before = expression.get(..at).unwrap_or_default();
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, '|' | '?') if depth == 0 && !before.ends_with('.') => {
                return vec![expression];
            }
            (None, '&') if depth == 0 && !before.ends_with('&') => ends.push(at),
            _ => {}
        }
    }
    let mut start = 0;
    let mut parts = Vec::new();
    for end in ends {
        parts.extend(expression.get(start..end));
        start = end + "&&".len();
    }
    parts.extend(expression.get(start..));
    parts
}

/// Whether what follows a fact in a condition holds of its value, where a glance can tell.
fn plain_verdict(after: &str, value: &Value, check: &CheckReport) -> Option<bool> {
    let (after, number) = match after.strip_prefix(".size()") {
        Some(after) => (
            after,
            Some(value.as_array()?.len().to_string().parse().ok()?),
        ),
        None => (after, value.as_f64()),
    };
    let mut words = after.split_whitespace();
    let (operator, operand) = (words.next()?, words.next()?);
    let operand = match operand.strip_prefix("params.") {
        Some(name) => check.params.get(name)?.clone(),
        None => serde_json::from_str(operand).ok()?,
    };
    match (operator, number, operand.as_f64()) {
        ("==", None, None) => Some(*value == operand),
        ("!=", None, None) => Some(*value != operand),
        ("==", Some(found), Some(wanted)) => Some(found == wanted),
        ("!=", Some(found), Some(wanted)) => Some(found != wanted),
        (">=", Some(found), Some(wanted)) => Some(found >= wanted),
        ("<=", Some(found), Some(wanted)) => Some(found <= wanted),
        (">", Some(found), Some(wanted)) => Some(found > wanted),
        ("<", Some(found), Some(wanted)) => Some(found < wanted),
        _ => None,
    }
}

/// The evidence that an expression names, in its order. A variable that is only true or false says less than what it is
/// made of, so that stands in its place. A variable may name only those before it.
fn name<'a>(
    expression: &str,
    finding: &'a Finding,
    variables: &[Variable],
    named: &mut Vec<&'a str>,
) {
    let mut found: Vec<_> = finding
        .evidence
        .iter()
        .filter_map(|(path, value)| Some((mention(expression, path)?.start, path.as_str(), value)))
        .collect();
    found.sort_by_key(|(at, path, _)| (*at, *path));
    for (_, path, value) in found {
        if named.contains(&path) {
            continue;
        }
        let before = named.len();
        if value.is_boolean()
            && let Some(variable) = path.strip_prefix("variables.")
            && let Some(index) = variables.iter().position(|known| known.name == variable)
            && let (earlier, [variable, ..]) = variables.split_at(index)
        {
            name(&variable.expression, finding, earlier, named);
        }
        if named.len() == before {
            named.push(path);
        }
    }
}

/// Where an expression mentions a fact: by its path, or by its last name where a macro binds what is before it.
fn mention(expression: &str, path: &str) -> Option<Range<usize>> {
    if let Some(kind) = path
        .strip_prefix("related(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return ["\"", "'"].into_iter().find_map(|quote| {
            let call = format!("related({quote}{kind}{quote})");
            let at = expression.find(&call)?;
            Some(at..at + call.len())
        });
    }
    if path.starts_with("variables.") {
        return position(expression, path);
    }
    let last = path.rsplit(['.', ']']).find(|name| !name.is_empty())?;
    position(expression, &format!("resource.{path}"))
        .or_else(|| position(expression, &format!(".{last}")))
        .or_else(|| position(expression, &format!(".?{last}")))
}

/// Where a name stands in an expression as a whole word.
fn position(expression: &str, name: &str) -> Option<Range<usize>> {
    expression
        .match_indices(name)
        .find(|(at, found)| {
            let before = expression.get(..*at).unwrap_or_default();
            let after = expression.get(at + found.len()..).unwrap_or_default();
            let within = before.ends_with("variables") || before.ends_with("params");
            let longer = after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            !within && !longer
        })
        .map(|(at, found)| at..at + found.len())
}

/// The end of a path that is too long to show.
fn short_path(path: &str) -> String {
    let path = text::clean(path.strip_prefix("variables.").unwrap_or(path));
    if path.chars().count() <= PATH {
        return path;
    }
    let mut short = path.as_str();
    while let Some((_, rest)) = short.split_once('.') {
        short = rest;
        if short.chars().count() < PATH {
            break;
        }
    }
    format!("…{short}")
}

fn short_value(value: &Value, most: usize) -> String {
    match value.get("count") {
        Some(Value::Number(count)) if value.as_object().is_some_and(|map| map.len() == 1) => {
            format!("{count} found")
        }
        _ => text::shortened(&text::value(value), most),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::model::{Kind, Outcome, ResourceId, Scope, Severity, Subject};

    fn shown(assert: &str, variables: &[(&str, &str)], evidence: Value) -> Vec<String> {
        let check: CheckReport = serde_json::from_value(json!({
            "rule": "r", "title": "", "severity": "low", "resource": [], "status": "fail", "coverage": "complete",
            "counts": {"pass": 0, "fail": 1, "unknown": 0, "not_applicable": 0}, "required": [], "supporting": [],
            "assert": assert, "params": {}, "why": "", "fix": {}, "references": [],
        }))
        .unwrap();
        let check = CheckReport {
            variables: variables
                .iter()
                .map(|(name, expression)| Variable {
                    name: (*name).to_owned(),
                    expression: (*expression).to_owned(),
                })
                .collect(),
            ..check
        };
        let finding = Finding {
            rule: "r".to_owned(),
            severity: Severity::Low,
            resource: Subject {
                kind: Kind::new("k"),
                id: ResourceId::new("i"),
                scope: Scope::aws("1", None),
                origin: None,
            },
            outcome: Outcome::Fail,
            reason: None,
            evidence: serde_json::from_value::<BTreeMap<_, _>>(evidence).unwrap(),
            waiver: None,
            waiver_expired: None,
            baseline: None,
        };
        deciding(&finding, &check, 72)
            .into_iter()
            .map(|(path, value)| format!("{path} = {value}"))
            .collect()
    }

    #[test]
    fn facts_come_in_the_order_of_the_condition_and_others_do_not() {
        assert_eq!(
            shown(
                "resource.Zone == 1 && resource.Account == 2",
                &[],
                json!({"Account": 3, "Engine": "x", "Zone": 4})
            ),
            ["Zone = 4", "Account = 3"]
        );
    }

    #[test]
    fn a_fact_behind_a_macro_is_known_by_its_last_name() {
        assert_eq!(
            shown(
                "resource.Listeners.all(l, l.SslPolicy in params.policies)",
                &[],
                json!({"Listeners[].SslPolicy": ["old"], "Listeners[].SslPolicyOther": 1})
            ),
            ["Listeners[].SslPolicy = [old]"]
        );
    }

    #[test]
    fn a_variable_that_is_only_true_or_false_gives_way_to_what_it_is_made_of() {
        assert_eq!(
            shown(
                "variables.scanned || variables.count > 3",
                &[
                    ("scanned", "resource.flag == true"),
                    ("count", "resource.items.size()")
                ],
                json!({"flag": false, "items": [1], "variables.count": 1, "variables.scanned": false})
            ),
            ["flag = false", "count = 1"]
        );
        let circular = [("a", "variables.b"), ("b", "variables.a")];
        assert_eq!(
            shown(
                "variables.a",
                &circular,
                json!({"variables.a": false, "variables.b": false})
            ),
            ["b = false"],
            "a variable names only those before it"
        );
    }

    #[test]
    fn what_plainly_breaks_a_conjunction_is_shown_and_what_holds_is_not() {
        let assert = "variables.a.size() == 0 && variables.b.size() == 0 && resource.c != null";
        let evidence = |b: Value, c: Value| json!({"variables.a": [], "variables.b": b, "c": c});
        assert_eq!(
            shown(assert, &[], evidence(json!(["x"]), json!(1))),
            ["b = [x]"]
        );
        assert_eq!(
            shown(assert, &[], evidence(json!(["x"]), json!(null))),
            ["b = [x]", "c = null"]
        );
        assert_eq!(
            shown(
                "resource.a == true && resource.b.exists(x, x == 1)",
                &[],
                json!({"a": true, "b": [2]})
            ),
            ["b = [2]"]
        );
        assert_eq!(
            shown(
                "resource.a > 3 && resource.b < 3",
                &[],
                json!({"a": 4, "b": 4})
            ),
            ["b = 4"]
        );
        assert_eq!(
            shown(
                "resource.a > 3 || resource.b < 3",
                &[],
                json!({"a": 1, "b": 4})
            ),
            ["a = 1", "b = 4"],
            "where one is enough, all of them decide"
        );
    }

    #[test]
    fn a_choice_in_one_part_of_a_conjunction_does_not_hide_what_breaks_another() {
        let evidence = json!({"a": [], "b": ["x"], "c": [], "d": ["y"]});
        let assert = "resource.a.size() == 0 && resource.b.size() == 0 && (resource.c.size() == 0 || \")\" == resource.d[0])";
        assert_eq!(shown(assert, &[], evidence.clone()), ["b = [x]"]);
        let either = "resource.a.size() == 0 || resource.b.size() == 0 && resource.c.size() > 0";
        assert_eq!(
            shown(either, &[], evidence),
            ["a = []", "b = [x]", "c = []"],
            "the whole is a choice"
        );
    }

    #[test]
    fn what_breaks_a_conjunction_is_shown_however_late_it_is_named() {
        let names = ["a", "b", "c", "d", "e"];
        let conjuncts = names.map(|name| format!("variables.{name}.size() == 0"));
        assert_eq!(
            shown(
                &conjuncts.join(" && "),
                &[],
                json!({"variables.a": [], "variables.b": [], "variables.c": [], "variables.d": ["x"], "variables.e": ["y"]})
            ),
            ["d = [x]", "e = [y]"]
        );
    }

    #[test]
    fn long_paths_keep_their_end_and_long_evidence_its_first_fact() {
        let value = "x".repeat(100);
        let facts = shown(
            "resource.first && resource.spec.template.spec.containers.all(c, c.second)",
            &[],
            json!({"first": value, "spec.template.spec.containers[].securityContext.second": 1}),
        );
        assert_eq!(facts.len(), 1);
        assert_eq!(facts[0].chars().count(), "first = ".len() + 72);
        assert_eq!(
            shown(
                "resource.spec.template.spec.containers.all(c, c.second)",
                &[],
                json!({"spec.template.spec.containers[].securityContext.second": 1})
            ),
            ["…containers[].securityContext.second = 1"]
        );
    }
}
