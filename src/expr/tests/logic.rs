//! Three-valued logic: what absorbs an unread fact, and what does not.

use serde_json::json;

use super::*;

/// A condition for each of true, false and unread, on a document where `Name` was not read.
const SIDES: [(&str, &str); 3] = [
    ("resource.On", "T"),
    ("resource.Off", "F"),
    ("resource.Name == \"a\"", "U"),
];

fn table(join: impl Fn(&str, &str) -> String) -> Vec<String> {
    let document = json!({"On": true, "Off": false, "Name": hidden()});
    let mut outcomes = Vec::new();
    for (left, _) in SIDES {
        for (right, _) in SIDES {
            outcomes.push(verdict(&join(left, right), document.clone()));
        }
    }
    outcomes
        .iter()
        .map(|outcome| match outcome.as_str() {
            "true" => "T".to_owned(),
            "false" => "F".to_owned(),
            "unread op" => "U".to_owned(),
            other => other.to_owned(),
        })
        .collect()
}

#[test]
fn and_is_false_if_either_side_is() {
    let and = table(|left, right| format!("{left} && {right}"));
    assert_eq!(and.join(""), "TFUFFFUFU");
}

#[test]
fn or_is_true_if_either_side_is() {
    let or = table(|left, right| format!("{left} || {right}"));
    assert_eq!(or.join(""), "TTTTFUTUU");
}

#[test]
fn a_condition_chooses_only_when_it_is_known() {
    let on_true = table(|left, right| format!("resource.On ? {left} : {right}"));
    assert_eq!(on_true.join(""), "TTTFFFUUU");
    let on_false = table(|left, right| format!("resource.Off ? {left} : {right}"));
    assert_eq!(on_false.join(""), "TFUTFUTFU");
    let on_unread = table(|left, right| format!("resource.Name == \"a\" ? {left} : {right}"));
    assert_eq!(on_unread.join(""), "UUUUUUUUU");
}

#[test]
fn not_of_unread_is_unread() {
    let document = json!({"On": hidden()});
    assert_eq!(verdict("!resource.On", document.clone()), "unread op");
    assert_eq!(verdict("!!resource.On", document), "unread op");
    assert_eq!(verdict("!resource.On", json!({"On": true})), "false");
}

#[test]
fn the_first_unread_fact_is_quoted() {
    let document = json!({"On": unread("first").marker(), "Off": unread("second").marker()});
    for source in ["resource.On && resource.Off", "resource.On || resource.Off"] {
        assert_eq!(verdict(source, document.clone()), "unread first");
    }
}

#[test]
fn a_guard_that_was_not_read_comes_before_a_bug() {
    let document = json!({"Name": hidden(), "Policy": "text"});
    let bug = "resource.Policy > 3";
    for source in [
        format!("resource.Name == \"a\" && {bug}"),
        format!("{bug} && resource.Name == \"a\""),
        format!("resource.Name == \"a\" || {bug}"),
        format!("{bug} || resource.Name == \"a\""),
    ] {
        assert_eq!(verdict(&source, document.clone()), "unread op", "{source}");
    }
    assert!(verdict(bug, document).starts_with("bug "));
}

#[test]
fn a_side_that_decides_absorbs_a_bug_too() {
    let document = json!({"Off": false, "Policy": "text"});
    assert_eq!(
        verdict("resource.Policy > 3 && resource.Off", document.clone()),
        "false"
    );
    assert_eq!(
        verdict("resource.Policy > 3 || !resource.Off", document),
        "true"
    );
}

fn items(on: &[Value]) -> Value {
    let items: Vec<Value> = on.iter().map(|on| json!({"on": on})).collect();
    json!({"Items": items})
}

#[test]
fn all_is_and_over_the_elements() {
    let all = "resource.Items.all(i, i.on)";
    assert_eq!(verdict(all, items(&[])), "true");
    assert_eq!(verdict(all, items(&[json!(true), json!(true)])), "true");
    assert_eq!(verdict(all, items(&[hidden(), json!(false)])), "false");
    assert_eq!(verdict(all, items(&[json!(false), hidden()])), "false");
    assert_eq!(verdict(all, items(&[json!(true), hidden()])), "unread op");
    assert_eq!(
        verdict(all, items(&[json!(null), json!(true)])),
        "missing Items[].on"
    );
    assert_eq!(verdict(all, items(&[json!(null), json!(false)])), "false");
}

#[test]
fn exists_is_or_over_the_elements() {
    let exists = "resource.Items.exists(i, i.on)";
    assert_eq!(verdict(exists, items(&[])), "false");
    assert_eq!(verdict(exists, items(&[hidden(), json!(true)])), "true");
    assert_eq!(verdict(exists, items(&[json!(true), hidden()])), "true");
    assert_eq!(
        verdict(exists, items(&[json!(false), hidden()])),
        "unread op"
    );
}

#[test]
fn exists_one_needs_every_element() {
    let one = "resource.Items.exists_one(i, i.on)";
    assert_eq!(verdict(one, items(&[json!(true), json!(false)])), "true");
    assert_eq!(verdict(one, items(&[json!(true), json!(true)])), "false");
    assert_eq!(verdict(one, items(&[json!(true), hidden()])), "unread op");
    assert_eq!(verdict(one, items(&[])), "false");
}

#[test]
fn a_list_with_an_unread_element_is_not_all_there() {
    let partial = json!({"Items": [{"on": true, "name": "a"}, hidden()]});
    for source in [
        "resource.Items.all(i, i.on)",
        "resource.Items.all(i, true)",
        "resource.Items.exists(i, i.name == \"b\")",
        "resource.Items.exists(i, false)",
        "resource.Items.exists_one(i, i.on)",
        "size(resource.Items) == 2",
        "size(resource.Items) > 0",
        "size(resource.Items.filter(i, i.on)) == 1",
        "resource.Items.map(i, i.name) == [\"a\"]",
        "resource.Items == resource.Items",
        "resource.Items[1].on",
        "resource.Items[2] == null",
        "size(resource.Items + resource.Items) == 2",
        "(resource.Items + resource.Items)[0] == null",
        "resource.Items.map(i, i.name).join() == \"a\"",
    ] {
        assert_eq!(verdict(source, partial.clone()), "unread op", "{source}");
    }
    assert_eq!(
        verdict("resource.Items.exists(i, i.on)", partial.clone()),
        "true"
    );
    assert_eq!(
        verdict("resource.Items.all(i, !i.on)", partial.clone()),
        "false"
    );
    assert_eq!(verdict("resource.Items[0].on", partial.clone()), "true");
    let filtered = "resource.Items.filter(i, i.on).exists(i, i.name == \"a\")";
    assert_eq!(verdict(filtered, partial.clone()), "true");
    let both = "(resource.Items + resource.Items).exists(i, i.name == \"a\")";
    assert_eq!(verdict(both, partial.clone()), "true");
    assert_eq!(
        verdict(
            "resource.Items.map(i, i.name).exists(n, n == \"a\")",
            partial
        ),
        "true"
    );
}

#[test]
fn a_list_of_names_with_an_unread_one() {
    let partial = json!({"Names": ["a", hidden()]});
    assert_eq!(verdict("\"a\" in resource.Names", partial.clone()), "true");
    assert_eq!(
        verdict("\"b\" in resource.Names", partial.clone()),
        "unread op"
    );
    assert_eq!(verdict("!(\"b\" in resource.Names)", partial), "unread op");
    assert_eq!(
        verdict("\"a\" in resource.Names", json!({"Names": hidden()})),
        "unread op"
    );
}

#[test]
fn an_object_read_in_part_knows_what_it_has() {
    let marker = hidden()["$unread"].clone();
    let partial = json!({
        "Name": "prod",
        "Attributes": {"a": "1", "$unread": marker},
        "Groups": {"g": {"size": 1}, "$unread": marker},
        "$unread": marker,
    });
    for (source, expected) in [
        ("resource.Name == \"prod\"", "true"),
        ("resource.On", "unread op"),
        ("resource.On == null", "unread op"),
        ("resource.?On.orValue(true)", "unread op"),
        ("resource.Attributes.a == \"1\"", "true"),
        ("resource.Attributes[\"b\"] == null", "unread op"),
        ("\"a\" in resource.Attributes", "true"),
        ("\"b\" in resource.Attributes", "unread op"),
        ("size(resource.Attributes) == 1", "unread op"),
        ("resource.Attributes.all(k, k == \"a\")", "unread op"),
        ("resource.Attributes.all(k, k == \"b\")", "false"),
        ("resource.Attributes.exists(k, k == \"a\")", "true"),
        ("resource.Attributes.exists(k, k == \"b\")", "unread op"),
        ("resource.Attributes == {\"a\": \"1\"}", "unread op"),
        ("resource.Attributes == {\"a\": \"2\"}", "false"),
        ("resource.Attributes != null", "true"),
        (
            "resource.Groups.exists(k, resource.Groups[k].size == 1)",
            "true",
        ),
    ] {
        assert_eq!(verdict(source, partial.clone()), expected, "{source}");
    }
}

#[test]
fn an_element_that_cannot_be_told_is_one_that_is_not_known() {
    let document = json!({
        "Items": [{"name": "a", "ports": [{"port": 1}, hidden()]}, {"name": null, "ports": [{"port": 1}]}],
    });
    let ports = "resource.Items.map(i, i.ports).flatten()";
    for (source, expected) in [
        (format!("{ports}.all(p, p.port == 1)"), "unread op"),
        (format!("{ports}.all(p, p.port == 2)"), "false"),
        (format!("{ports}.exists(p, p.port == 1)"), "true"),
        (format!("size({ports}) == 2"), "unread op"),
        (
            "resource.Items.map(i, i.name + \"x\").exists(n, n == \"ax\")".to_owned(),
            "true",
        ),
        (
            "resource.Items.map(i, i.name + \"x\").exists(n, n == \"bx\")".to_owned(),
            "missing Items[].name",
        ),
        (
            "resource.Items.filter(i, i.name > \"A\").exists(i, i.name == \"a\")".to_owned(),
            "true",
        ),
        (
            "size(resource.Items.filter(i, i.name > \"A\")) == 1".to_owned(),
            "missing Items[].name",
        ),
    ] {
        assert_eq!(verdict(&source, document.clone()), expected, "{source}");
    }
}

#[test]
fn a_key_without_a_known_value_may_be_none() {
    let document = json!({"Attributes": {"a": "1", "b": hidden()}});
    for (source, expected) in [
        ("\"b\" in resource.Attributes", "unread op"),
        ("resource.Attributes.exists(k, k == \"b\")", "unread op"),
        ("resource.Attributes.exists(k, k == \"a\")", "true"),
        ("size(resource.Attributes) == 2", "unread op"),
        ("resource.Attributes.all(k, k == \"a\")", "unread op"),
    ] {
        assert_eq!(verdict(source, document.clone()), expected, "{source}");
    }
}

#[test]
fn nothing_is_told_of_a_hidden_fact() {
    let document =
        json!({"Name": hidden(), "Items": hidden(), "Nested": hidden(), "Attributes": hidden()});
    for source in [
        "resource.Name == null",
        "resource.Name != null",
        "resource.?Name.hasValue()",
        "resource.?Name.orValue(\"a\") == \"a\"",
        "resource.Name in [\"a\"]",
        "type(resource.Name) == string",
        "redacted(resource.Name)",
        "resource.Items.all(i, i.on)",
        "resource.Items == null",
        "resource.?Items.orValue([]).all(i, i.on)",
        "resource.?Nested.?Inner.?Leaf.orValue(\"\") == \"\"",
        "resource.Nested.Inner.Leaf == null",
        "resource.Attributes[?\"a\"].orValue(\"\") == \"\"",
        "\"a\" in resource.Attributes",
        "[resource.Name].all(n, true)",
        "{\"a\": resource.Name} != null",
    ] {
        assert_eq!(verdict(source, document.clone()), "unread op", "{source}");
    }
}

#[test]
fn an_absorbed_unread_fact_is_noted() {
    let document = json!({"On": true, "Off": false, "Name": hidden()});
    let noted = |source: &str| {
        let program = thing(source);
        in_world("t.Thing", &document, &nothing(), |world| {
            let (outcome, met) = decide_noting(&program, world);
            (told(outcome), met)
        })
    };
    let unread = "resource.Name == \"a\"";
    assert_eq!(
        noted(&format!("{unread} || resource.On")),
        ("true".into(), true)
    );
    // The right side is never looked at.
    assert_eq!(
        noted(&format!("resource.On || {unread}")),
        ("true".into(), false)
    );
    assert_eq!(noted("resource.On"), ("true".into(), false));
    assert_eq!(noted(unread), ("unread op".into(), true));
    // An absent fact is read.
    assert_eq!(
        noted("resource.Ratio > 1.0 || resource.On"),
        ("true".into(), false)
    );
}

#[test]
fn a_kind_that_could_not_be_listed_is_unread() {
    let kind = Kind::new("t.Other");
    let resource = json!({"Name": "a", "On": true});
    let with = |related: Fact<Vec<Value>>, source: &str| {
        let docs = Docs(BTreeMap::from([(kind.clone(), related)]));
        let program = thing(source);
        in_world("t.Thing", &resource, &docs, |world| {
            told(decide(&program, world))
        })
    };
    let known = || Fact::Known(vec![json!({"Name": "a", "Size": 1}), json!({"Name": "b"})]);
    let exists = "related(\"t.Other\").exists(o, o.Name == resource.Name)";
    assert_eq!(with(known(), exists), "true");
    assert_eq!(with(Fact::Known(vec![]), exists), "false");
    assert_eq!(with(Fact::Unread(unread("list")), exists), "unread list");
    assert_eq!(
        with(
            Fact::Unread(unread("list")),
            &format!("{exists} || resource.On")
        ),
        "true"
    );
    assert_eq!(
        with(
            known(),
            "related(\"t.Other\").all(o, o.Size == 1 || o.Size > 1)"
        ),
        "missing t.Other.Size"
    );
    assert_eq!(with(known(), "size(related(\"t.Other\")) == 2"), "true");
    let one_unread = Fact::Known(vec![json!({"Name": "b"}), hidden()]);
    assert_eq!(with(one_unread, exists), "unread op");
}
