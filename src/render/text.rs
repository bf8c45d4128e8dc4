//! Text from data, made fit to show: short names, values on one line, and nothing that a terminal would obey.

use serde_json::Value;

use crate::model::{
    CheckReport, NotRun, Outcome, REDACTED, Report, Scope, Subject, Unread, unread_in,
};

/// The text with every character that is invisible, moves the cursor or turns the writing direction shown as an escape.
/// What is cleaned is one line.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            cleaned.extend(c.escape_default());
        } else {
            cleaned.push(c);
        }
    }
    cleaned
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// At most so many characters, the last one `…` where some are missing.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// `3 checks`, `1 check`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// `aws.rds.DBInstance or aws.rds.DBCluster`: what a check is about.
pub fn kinds(check: &CheckReport) -> String {
    let kinds: Vec<_> = check
        .resource
        .iter()
        .map(|kind| clean(kind.as_str()))
        .collect();
    kinds.join(" or ")
}

/// `no aws.cloudtrail.Trail exists in 222233334444`: where a check fails because of that. The accounts or clusters are named
/// where others have one.
pub fn absent(report: &Report, check: &CheckReport) -> Option<String> {
    let open = report.open_by_itself(check)?;
    let mut absent = format!("no {} exists", kinds(check));
    if check.counts.total() > 0 && !open.owners.is_empty() {
        let owners: Vec<_> = open.owners.into_iter().map(clean).collect();
        absent.push_str(&format!(" in {}", owners.join(", ")));
    }
    (open.outcome == Outcome::Fail).then_some(absent)
}

/// `10 of the 15 listed are made by a controller that is judged in their place`.
pub fn spoken_for(check: &CheckReport) -> String {
    let listed = check.counts.total().saturating_add(check.spoken_for);
    let made = match check.spoken_for {
        1 => "is made by a controller that is judged in its place",
        _ => "are made by controllers that are judged in their place",
    };
    format!("{} of the {listed} listed {made}", check.spoken_for)
}

/// Why a check was not run.
pub fn not_run(check: &CheckReport) -> String {
    match (check.not_run, &check.opt_in) {
        (Some(NotRun::NothingNamed), Some(param)) => format!(
            "it reads samples of content, only of what `params.{}.{param}` names",
            clean(&check.rule)
        ),
        (Some(NotRun::NothingNamed), None) => "nothing was named that it may sample".to_owned(),
        (Some(NotRun::NotScanned), _) => "a platform that it needs was not scanned".to_owned(),
        (Some(NotRun::NotInManifests), _) => "manifests do not hold what it is about".to_owned(),
        (Some(NotRun::NotSelected) | None, _) => "it was not selected".to_owned(),
    }
}

/// A status as words: `manual_required` is `manual required`.
pub fn words(status: &str) -> String {
    status.replace('_', " ")
}

/// The name that people use for a resource: `orders-db`, `Deployment/api`. Not unique; the id is.
pub fn short_name(subject: &Subject) -> String {
    let id = subject.id.as_str();
    let short = if id.starts_with("k8s://") {
        kubernetes_name(id)
    } else {
        arn_name(id)
    };
    clean(short.filter(|name| !name.is_empty()).unwrap_or(id))
}

/// `Kind/name` at the end of an id; a cluster's name may hold slashes, those two may not.
fn kubernetes_name(id: &str) -> Option<&str> {
    let name = id.rfind('/')?;
    let kind = id.get(..name)?.rfind('/')?;
    id.get(kind + 1..)
}

fn arn_name(id: &str) -> Option<&str> {
    let mut parts = id.splitn(6, ':');
    (parts.next()? == "arn").then_some(())?;
    let service = parts.nth(1)?;
    let resource = parts.nth(2)?;
    let parts: Vec<_> = resource.split('/').collect();
    match (service, parts.as_slice()) {
        // targetgroup/NAME/ID, and loadbalancer/NAME of a classic one
        ("elasticloadbalancing", ["targetgroup", name, _] | ["loadbalancer", name]) => Some(*name),
        // loadbalancer/app/NAME/ID, regional/webacl/NAME/ID
        ("elasticloadbalancing" | "wafv2", [_, _, name, ..]) => Some(*name),
        _ => resource
            .find([':', '/'])
            .and_then(|end| resource.get(end + 1..)),
    }
    .or(Some(resource))
}

/// Where a resource is: its region or namespace, with the account or cluster in front where there are several.
pub fn place(scope: &Scope, several: bool) -> String {
    let place = match scope.place() {
        Some(place) if several => format!("{}/{place}", scope.owner()),
        Some(place) => place.to_owned(),
        None => scope.owner().to_owned(),
    };
    clean(&place)
}

/// A fact's value on one line.
pub fn value(value: &Value) -> String {
    if let Some(unread) = unread_in(value) {
        return format!("not read ({})", cause(&unread));
    }
    match value {
        Value::String(text) => clean(text),
        Value::Object(map) if map.contains_key(REDACTED) => {
            let shape = map
                .get(REDACTED)
                .and_then(|marker| marker.get("looks_like"));
            match shape.and_then(Value::as_str) {
                Some(shape) => format!("redacted ({})", clean(&words(shape))),
                None => "redacted".to_owned(),
            }
        }
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(self::value).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let fields: Vec<_> = map
                .iter()
                .map(|(name, field)| format!("{}: {}", clean(name), self::value(field)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// Why something is unknown, in a few words: `denied: rds:DescribeDBInstances`, or what the rule says about it.
pub fn cause(unread: &Unread) -> String {
    if is_of_rule(unread) {
        missing(unread)
    } else {
        format!("{}: {}", words(unread.reason.as_str()), missing(unread))
    }
}

/// The permission that is missing, the operation that has no answer, or what the rule says that it cannot know.
pub fn missing(unread: &Unread) -> String {
    if is_of_rule(unread) {
        return clean(&unread.detail);
    }
    clean(unread.permission.as_ref().unwrap_or(&unread.operation))
}

/// Whether it is the rule that says so, and no operation was asked in vain.
pub fn is_of_rule(unread: &Unread) -> bool {
    unread.operation.is_empty() && !unread.detail.is_empty()
}

/// The first few of a list; one more than that is not worth cutting off.
pub fn capped<T>(items: &[T], most: usize) -> (&[T], &[T]) {
    if items.len() <= most + 1 {
        (items, &[])
    } else {
        items.split_at(most)
    }
}

/// `a, b and 7 more`.
pub fn some(items: &[String], most: usize) -> String {
    let (shown, more) = capped(items, most);
    match more.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A link that is nothing but a link: of the web, and of visible ASCII.
pub fn is_web(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Kind, Reason, ResourceId};

    fn named(id: &str) -> String {
        short_name(&Subject {
            kind: Kind::new("x"),
            id: ResourceId::new(id),
            scope: Scope::aws("1", None),
            origin: None,
        })
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(clean("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(clean("\u{9b}31m\u{7f}"), "\\u{9b}31m\\u{7f}");
        assert_eq!(clean("\u{202e}gpj.exe"), "\\u{202e}gpj.exe");
        assert_eq!(
            clean("zero\u{200b}width\u{2060}"),
            "zero\\u{200b}width\\u{2060}"
        );
        assert_eq!(clean("größe 数据"), "größe 数据");
    }

    #[test]
    fn names_are_those_that_people_use() {
        let cases = [
            ("arn:aws:rds:us-east-1:123456789012:db:orders", "orders"),
            ("arn:aws:eks:us-east-1:123456789012:cluster/prod", "prod"),
            (
                "arn:aws:ecr:us-east-1:123456789012:repository/team/app",
                "team/app",
            ),
            ("arn:aws:ecr:us-east-1:123456789012:registry", "registry"),
            (
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/50dc6c495c0c9188",
                "web",
            ),
            (
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/web",
                "web",
            ),
            (
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188",
                "web",
            ),
            (
                "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/edge/a1b2",
                "edge",
            ),
            (
                "arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/prod/cluster",
                "/aws/eks/prod/cluster",
            ),
            ("arn:aws:s3:::bucket", "bucket"),
            ("k8s://prod/default/Deployment/api", "Deployment/api"),
            ("k8s://prod//Node/ip-10-0-0-1", "Node/ip-10-0-0-1"),
            (
                "k8s://arn:aws:eks:us-east-1:1:cluster/prod/default/Pod/web",
                "Pod/web",
            ),
            ("nothing known", "nothing known"),
            ("arn:aws:rds:us-east-1:1:db:", "arn:aws:rds:us-east-1:1:db:"),
        ];
        for (id, name) in cases {
            assert_eq!(named(id), name, "{id}");
        }
    }

    #[test]
    fn values_are_one_line() {
        let denied = Unread {
            reason: Reason::Denied,
            operation: "kms:GetKeyRotationStatus".to_owned(),
            permission: None,
            detail: String::new(),
        };
        let cases = [
            (json!(null), "null"),
            (json!("a\nb"), "a\\nb"),
            (json!([]), "[]"),
            (json!(["api", 1]), "[api, 1]"),
            (
                json!({"b": {"c": true}, "a": null}),
                "{a: null, b: {c: true}}",
            ),
            (json!({"$redacted": {"len": 12}}), "redacted"),
            (
                json!({"$redacted": {"len": 12, "looks_like": "access_key_id"}}),
                "redacted (access key id)",
            ),
            (
                denied.marker(),
                "not read (denied: kms:GetKeyRotationStatus)",
            ),
        ];
        for (json, text) in cases {
            assert_eq!(value(&json), text);
        }
    }

    #[test]
    fn text_is_cut_with_a_mark() {
        assert_eq!(shortened("abcdef", 6), "abcdef");
        assert_eq!(shortened("abcdefg", 6), "abcde…");
    }
}
