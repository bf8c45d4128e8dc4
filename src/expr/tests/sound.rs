//! No false pass: hiding facts takes answers away, and never makes or changes one.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

/// Conditions on a document.
const FACTS: &[&str] = &[
    "resource.On",
    "resource.Off",
    "resource.On == null",
    "resource.Name == \"a\"",
    "resource.Name != \"a\"",
    "resource.Name != null",
    "resource.Name in [\"a\", \"b\"]",
    "resource.Name in resource.Names",
    "\"a\" in resource.Names",
    "!(\"b\" in resource.Names)",
    "resource.Name == resource.Policy",
    "resource.BackupRetentionPeriod >= 7",
    "resource.BackupRetentionPeriod + 1 < 9",
    "resource.?Name.hasValue()",
    "resource.?Name.orValue(\"a\") == \"a\"",
    "resource.?Nested.?Inner.?Leaf.orValue(\"a\") == \"a\"",
    "resource.Nested.Inner.Leaf == \"a\"",
    "resource.Nested == null",
    "resource.Nested == {\"Inner\": {\"Leaf\": \"a\"}}",
    "resource.Nested != resource.Policy",
    "size(resource.Names) == 1",
    "size(resource.Items) > 1",
    "resource.Names == [\"a\"]",
    "resource.Names[0] == \"a\"",
    "resource.Names[?1].orValue(\"a\") == \"a\"",
    "resource.Names.distinct().size() == 1",
    "resource.Names.join(\",\") == \"a\"",
    "resource.Names.all(n, n == \"a\")",
    "resource.Names.all(n, true)",
    "resource.Names.exists(n, n != \"a\")",
    "resource.Names.exists_one(n, n == \"a\")",
    "resource.Names.filter(n, n == \"a\").size() == 1",
    "resource.Names.filter(n, n == \"a\").exists(n, true)",
    "resource.Names.map(n, n + \"x\").all(n, n == \"ax\")",
    "(resource.Names + [\"b\"]).all(n, n == \"b\")",
    "(resource.Names + [\"b\"])[0] == \"a\"",
    "resource.Names.min() == \"a\"",
    "resource.Items[0].on",
    "resource.Items[0] == resource.Items[1]",
    "resource.Items == resource.Items",
    "resource.Items.map(i, i.ports).flatten().all(p, p.port == 1)",
    "resource.Items.map(i, i.size).sum() > 3",
    "resource.Items.filter(i, i.on).map(i, i.name) == [\"a\"]",
    "resource.?Items.orValue([]).all(i, i.on)",
    "\"a\" in resource.Attributes",
    "!(\"b\" in resource.Attributes)",
    "resource.Attributes[\"a\"] == \"a\"",
    "resource.Attributes.b == null",
    "size(resource.Attributes) == 1",
    "resource.Attributes.all(k, resource.Attributes[k] == \"a\")",
    "resource.Attributes.exists(k, k == \"b\")",
    "resource.Attributes == {\"a\": \"a\"}",
    "resource.Attributes[?\"a\"].orValue(\"\") == \"a\"",
    "selects(resource.Selector, resource.Attributes)",
    "selects(resource.Selector, {\"a\": \"a\"})",
    "!selects({\"matchLabels\": {\"a\": \"a\"}}, resource.Attributes)",
    "resource.Max == 1",
    "resource.Max == \"50%\"",
    "scaled(resource.Max, 3, true) > 1",
    "resource.Policy == \"a\"",
    "type(resource.Policy) == list",
    "redacted(resource.Name)",
    "resource.Groups.all(g, resource.Groups[g].size > 1)",
    "resource.Policy != null && unknown(\"why\")",
    "related(\"t.Other\").exists(o, o.Name == resource.Name)",
    "related(\"t.Other\").all(o, o.Size > 1)",
    "size(related(\"t.Other\")) == 1",
    "resource.Name.matches(\"^a\")",
    "quantity(resource.Name) > quantity(\"1\")",
];

/// Conditions on an element of `Items`.
const ITEM_FACTS: &[&str] = &[
    "i.on",
    "i.name == resource.Name",
    "i.name != null",
    "i.size > 1",
    "i.tags[\"a\"] == \"a\"",
    "i.?tags[?\"b\"].hasValue()",
    "i.ports.all(p, p.port == 1)",
    "i.ports.exists(p, p.port != 1)",
    "selects(resource.Selector, i.tags)",
    "resource.On",
];

fn joined(leaf: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        let pair = || (inner.clone(), inner.clone());
        prop_oneof![
            pair().prop_map(|(a, b)| format!("({a} && {b})")),
            pair().prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

fn condition() -> impl Strategy<Value = String> {
    let fact = prop::sample::select(FACTS).prop_map(str::to_owned);
    let item = prop::sample::select(ITEM_FACTS).prop_map(str::to_owned);
    let quantifier = prop::sample::select(&["all", "exists", "exists_one"][..]);
    let over_items = (quantifier, joined(item))
        .prop_map(|(name, inner)| format!("resource.Items.{name}(i, {inner})"));
    joined(prop_oneof![3 => fact, 1 => over_items])
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => Just(json!("a")),
        4 => Just(json!("b")),
        1 => Just(json!(3)),
        1 => Just(json!([])),
        1 => Just(Value::Null),
        1 => Just(json!({"$redacted": {"len": 1, "looks_like": "jwt"}})),
    ]
}

fn truth() -> impl Strategy<Value = Value> {
    prop_oneof![8 => any::<bool>().prop_map(Value::from), 2 => Just(Value::Null), 1 => Just(json!("a"))]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![4 => (0..9i64).prop_map(Value::from), 1 => Just(Value::Null), 1 => Just(json!(2.5)), 1 => Just(json!("a"))]
}

/// A list, or none.
fn some(of: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop_oneof![8 => prop::collection::vec(of, 0..3).prop_map(Value::from), 2 => Just(Value::Null), 1 => Just(json!("a"))]
}

fn labels() -> impl Strategy<Value = Value> {
    let fields = prop::collection::btree_map(prop::sample::select(&["a", "b"][..]), text(), 0..3);
    prop_oneof![
        5 => fields.prop_map(|fields| fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>().into()),
        1 => Just(Value::Null),
    ]
}

fn selector() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(&["In", "NotIn", "Exists", "DoesNotExist", "Near"][..]);
    let expressions = some((operator, some(text())).prop_map(
        |(operator, values)| json!({"key": "a", "operator": operator, "values": values}),
    ));
    prop_oneof![
        4 => (labels(), expressions).prop_map(|(l, e)| json!({"matchLabels": l, "matchExpressions": e})),
        1 => Just(json!({})),
        1 => Just(Value::Null),
    ]
}

fn port() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!(1)), Just(json!("50%")), Just(Value::Null)]
}

fn document() -> impl Strategy<Value = Value> {
    let ports = some(port().prop_map(|port| json!({"port": port})));
    let item = (text(), number(), truth(), labels(), ports)
        .prop_map(|(name, size, on, tags, ports)| {
            json!({"name": name, "size": size, "on": on, "tags": tags, "ports": ports})
        });
    let nested = prop_oneof![
        text().prop_map(|leaf| json!({"Inner": {"Leaf": leaf}})),
        Just(json!({})),
        Just(Value::Null),
    ];
    let policy = prop_oneof![text(), number(), some(text()), labels()];
    let groups = number().prop_map(|size| json!({"g": {"size": size}}));
    (
        (truth(), truth(), text(), number(), some(text()), some(item)),
        (labels(), selector(), nested, policy, port(), groups),
    )
        .prop_map(|((on, off, name, days, names, items), (attributes, selector, nested, policy, max, groups))| {
            json!({
                "On": on, "Off": off, "Name": name, "BackupRetentionPeriod": days, "Names": names, "Items": items,
                "Attributes": attributes, "Selector": selector, "Nested": nested, "Policy": policy, "Max": max,
                "Groups": groups,
            })
        })
}

/// Hides parts of a value, as a row of numbers decides: any value whole, and of any object some fields, which are then
/// not there.
fn cover(value: &Value, choices: &mut impl Iterator<Item = u8>) -> Value {
    match (choices.next().unwrap_or(255), value) {
        (0..=15, _) => hidden(),
        (_, Value::Array(items)) => items.iter().map(|item| cover(item, choices)).collect(),
        (choice, Value::Object(fields)) if !fields.contains_key("$redacted") => {
            let mut covered = Map::new();
            let in_part = choice <= 90;
            for (name, value) in fields {
                if !in_part || choices.next().unwrap_or(0) < 128 {
                    covered.insert(name.clone(), cover(value, choices));
                }
            }
            if in_part {
                covered.insert("$unread".to_owned(), hidden()["$unread"].clone());
            }
            Value::Object(covered)
        }
        _ => value.clone(),
    }
}

fn outcome(
    program: &Program,
    resource: &Value,
    others: Fact<Vec<Value>>,
) -> (Result<bool, Stop>, bool) {
    let docs = Docs(BTreeMap::from([(Kind::new("t.Other"), others)]));
    in_world("t.Thing", resource, &docs, |world| {
        decide_noting(program, world)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_with_facts_hidden_is_the_answer_with_them(
        source in condition(),
        resource in document(),
        others in prop::collection::vec((text(), number()), 0..3),
        choices in prop::collection::vec(any::<u8>(), 64),
    ) {
        let program = thing(&source);
        let others: Vec<Value> = others
            .into_iter()
            .map(|(name, size)| json!({"Name": name, "Size": size}))
            .collect();
        let (full, met) = outcome(&program, &resource, Fact::Known(others.clone()));
        let redacted = resource.to_string().contains("$redacted") || json!(others).to_string().contains("$redacted");
        prop_assert!(!met || redacted || source.contains("unknown"), "nothing is hidden");
        let mut choices = choices.into_iter();
        let covered = cover(&resource, &mut choices);
        let covered_others = match choices.next() {
            Some(0..=50) => Fact::Unread(unread("list")),
            _ => Fact::Known(others.iter().map(|other| cover(other, &mut choices)).collect()),
        };
        let (partial, met) = outcome(&program, &covered, covered_others);
        if let Ok(answer) = partial {
            prop_assert_eq!(full, Ok(answer), "{} on {}", source, covered);
        } else if !met {
            prop_assert_eq!(full, partial, "{} on {}", source, covered);
        }
    }
}

/// The same, for every fact of every condition hidden by itself, as the machine-made cases of rules do it.
#[test]
fn every_fact_of_every_condition_matters_or_is_not_met() {
    let document = json!({
        "On": true, "Off": false, "Name": "a", "BackupRetentionPeriod": 7, "Names": ["a"],
        "Items": [{"name": "a", "size": 2, "on": true, "tags": {"a": "a"}, "ports": [{"port": 1}]}],
        "Attributes": {"a": "a"}, "Selector": {"matchLabels": {"a": "a"}},
        "Nested": {"Inner": {"Leaf": "a"}}, "Policy": ["a"], "Max": 1, "Groups": {"g": {"size": 2}},
    });
    let others = || Fact::Known(vec![json!({"Name": "a", "Size": 2})]);
    let mut hidden_facts = 0;
    for source in FACTS {
        let program = thing(source);
        let (full, _) = outcome(&program, &document, others());
        for fact in program.facts() {
            hidden_facts += 1;
            let covered = hide(&document, fact, &unread("op"));
            let (partial, met) = outcome(&program, &covered, others());
            match partial {
                Ok(answer) => assert_eq!(full, Ok(answer), "{source} without {fact}"),
                Err(_) => assert!(met || full == partial, "{source} without {fact}"),
            }
        }
    }
    assert!(hidden_facts > FACTS.len());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_compiles_or_is_refused_with_a_place(source in "[a-z0-9 .?:&|!<>=+()\\[\\]{}\"',\n\\\\/%éñ*-]{0,60}") {
        check_places(&source);
    }

    #[test]
    fn any_row_of_tokens_does(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..25)) {
        check_places(&tokens.join(" "));
        check_places(&tokens.concat());
    }
}

const TOKENS: &[&str] = &[
    "resource",
    ".",
    "?",
    "Name",
    "Items",
    "Nested",
    "On",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "&&",
    "||",
    "!",
    "==",
    "<",
    "in",
    "+",
    "-",
    "\"a\"",
    "'é'",
    "r'\\'",
    "1",
    "1.5",
    "null",
    "true",
    "all",
    "exists",
    "map",
    "x",
    "size",
    "has",
    "params",
    "days",
    "related",
    "\"t.Other\"",
    "optional",
    "none",
    "of",
    "orValue",
    "now",
    "b'x'",
    "`a`",
    "// c\n",
    "podTemplate",
    "image",
    "matches",
];

fn check_places(source: &str) {
    if let Err(problems) = compile_for(source, &["t.Thing"]) {
        assert!(!problems.is_empty());
        for problem in problems {
            assert!(
                source.get(problem.start..problem.end).is_some(),
                "{source:?}: {problem:?}"
            );
            assert_ne!(problem.message, "");
            assert_ne!(
                problem.message, "the expression cannot be parsed",
                "{source:?}"
            );
        }
    }
}
