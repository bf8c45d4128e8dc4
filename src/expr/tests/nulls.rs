//! Absent facts: null where one asks for it, missing everywhere else.

use serde_json::json;

use super::*;

#[test]
fn null_can_be_asked_for() {
    for (source, expected) in [
        ("resource.Name == null", "true"),
        ("resource.Name != null", "false"),
        ("null == resource.Name", "true"),
        ("resource.Name == \"a\"", "false"),
        ("resource.Name != \"a\"", "true"),
        ("resource.Name == resource.Ratio.x", "refused"),
        ("resource.Items == null", "true"),
        ("resource.Attributes == null", "true"),
        (
            "resource.Nested == null || resource.Nested.Inner == null",
            "true",
        ),
        ("resource.Name in [\"a\", \"b\"]", "false"),
        ("!(resource.Name in [\"a\", \"b\"])", "true"),
        ("resource.Name in [resource.Policy]", "true"),
        ("type(resource.Name) == null_type", "true"),
        ("redacted(resource.Name)", "false"),
        ("looksLike(resource.Name) == \"\"", "true"),
    ] {
        if expected != "refused" {
            assert_eq!(verdict(source, json!({})), expected, "{source}");
            let explicit = json!({"Name": null, "Items": null, "Attributes": null, "Nested": null});
            assert_eq!(verdict(source, explicit), expected, "{source}");
        }
    }
}

#[test]
fn every_other_use_of_null_names_the_missing_fact() {
    for (source, path) in [
        ("resource.On", "On"),
        ("!resource.On", "On"),
        ("!!resource.On", "On"),
        ("resource.On && true", "On"),
        ("resource.On || false", "On"),
        ("resource.On ? true : false", "On"),
        (
            "resource.BackupRetentionPeriod >= 7",
            "BackupRetentionPeriod",
        ),
        (
            "7 > resource.BackupRetentionPeriod",
            "BackupRetentionPeriod",
        ),
        (
            "resource.BackupRetentionPeriod + 1 == 2",
            "BackupRetentionPeriod",
        ),
        (
            "-resource.BackupRetentionPeriod == 2",
            "BackupRetentionPeriod",
        ),
        ("resource.Name + \"a\" == \"a\"", "Name"),
        ("resource.Nested.Inner == null", "Nested"),
        ("resource.Nested.Inner.Leaf == \"a\"", "Nested"),
        ("size(resource.Items) == 0", "Items"),
        ("resource.Items.size() == 0", "Items"),
        ("resource.Items.all(i, i.on)", "Items"),
        ("resource.Items.exists(i, i.on)", "Items"),
        ("size(resource.Items.filter(i, i.on)) == 0", "Items"),
        ("size(resource.Items.map(i, i.on)) == 0", "Items"),
        ("resource.Items[0].on", "Items"),
        ("size(resource.Items + []) == 0", "Items"),
        ("\"a\" in resource.Names", "Names"),
        ("\"a\" in resource.Attributes", "Attributes"),
        ("resource.Attributes[\"a\"] == null", "Attributes"),
        ("resource.Attributes.a == null", "Attributes"),
        ("{\"a\": 1}[resource.Name] == 1", "Name"),
        ("resource.Name.startsWith(\"a\")", "Name"),
        ("\"a\".startsWith(resource.Name)", "Name"),
        ("resource.Name.matches(\"a\")", "Name"),
        ("int(resource.Name) == 1", "Name"),
        ("now - resource.CreatedAt > duration(\"1h\")", "CreatedAt"),
        ("resource.CreatedAt < now", "CreatedAt"),
        ("quantity(resource.Name) == quantity(\"1\")", "Name"),
        ("resource.?Name.value() == \"a\"", "Name"),
        (
            "selects(resource.Selector, resource.Attributes) || resource.On",
            "On",
        ),
        ("parseJson(\"{}\").a.b == 1", "parseJson(\"{}\").a"),
    ] {
        assert_eq!(
            verdict(source, json!({})),
            format!("missing {path}"),
            "{source}"
        );
    }
}

#[test]
fn the_missing_fact_is_named_by_where_it_is() {
    let document = json!({
        "Items": [{"name": "a"}],
        "Names": ["a", null],
        "Nested": {},
        "Attributes": {"x/y": null},
        "Statement": {"Not": {"Any": [{}]}},
    });
    for (source, path) in [
        ("resource.Items.all(i, i.on)", "Items[].on"),
        ("resource.Items[0].on", "Items[].on"),
        (
            "resource.Items.all(i, i.ports.all(p, p.port > 1))",
            "Items[].ports",
        ),
        ("resource.Names.all(n, n.startsWith(\"a\"))", "Names[]"),
        ("resource.Names[1].startsWith(\"a\")", "Names[]"),
        ("resource.Names[2] == null", "Names[]"),
        ("resource.Names[-1] == null", "Names[]"),
        ("resource.Nested.Inner.Leaf == \"a\"", "Nested.Inner"),
        (
            "resource.Attributes[\"x/y\"].size() > 0",
            "Attributes[\"x/y\"]",
        ),
        (
            "resource.Statement.Not.Any.all(s, s.Leaf.size() > 0)",
            "Statement.Not.Any[].Leaf",
        ),
        (
            "resource.Names.filter(n, n == \"b\")[0] == \"b\"",
            "Names[]",
        ),
        ("[].min() == 1", "[]"),
    ] {
        assert_eq!(
            verdict(source, document.clone()),
            format!("missing {path}"),
            "{source}"
        );
    }
}

#[test]
fn a_missing_fact_is_absorbed_as_an_unread_one_is() {
    let document = json!({"Off": false, "Name": "a"});
    for (source, expected) in [
        ("resource.On && resource.Off", "false"),
        ("resource.Off && resource.On", "false"),
        ("resource.On || !resource.Off", "true"),
        ("[true, false].all(t, resource.On && t)", "false"),
        ("[true, false].all(t, resource.On || t)", "missing On"),
    ] {
        assert_eq!(verdict(source, document.clone()), expected, "{source}");
    }
}

#[test]
fn optional_steps_pass_over_what_is_absent() {
    let empty = json!({});
    let full = json!({"Nested": {"Inner": {"Leaf": "x"}}, "Names": ["n"], "Attributes": {"a": "1"}, "On": true});
    for (source, absent, present) in [
        ("resource.?Nested.hasValue()", "false", "true"),
        (
            "resource.?Nested.?Inner.?Leaf.orValue(\"none\") == \"x\"",
            "false",
            "true",
        ),
        (
            "resource.?Nested.Inner.Leaf.orValue(\"none\") == \"x\"",
            "false",
            "true",
        ),
        (
            "resource.?Names.orValue([]).exists(n, n == \"n\")",
            "false",
            "true",
        ),
        ("resource.?Names[0].orValue(\"\") == \"n\"", "false", "true"),
        (
            "resource.?Names[?0].orValue(\"\") == \"n\"",
            "false",
            "true",
        ),
        (
            "resource.?Attributes[?\"a\"].orValue(\"0\") == \"1\"",
            "false",
            "true",
        ),
        ("resource.?Attributes.?a.hasValue()", "false", "true"),
        ("resource.?On.orValue(false)", "false", "true"),
        (
            "resource.?On.or(optional.of(false)).value()",
            "false",
            "true",
        ),
        (
            "resource.?On.or(optional.none()).hasValue()",
            "false",
            "true",
        ),
        ("[?resource.?On].size() == 1", "false", "true"),
        ("optional.of(resource.On).hasValue()", "false", "true"),
        (
            "resource.?Attributes.orValue({}).size() == 1",
            "false",
            "true",
        ),
    ] {
        assert_eq!(verdict(source, empty.clone()), absent, "{source}");
        assert_eq!(verdict(source, full.clone()), present, "{source}");
    }
    assert_eq!(verdict("[\"a\"][?3].hasValue()", json!({})), "false");
    let null = json!({"Nested": {"Inner": null}});
    assert_eq!(verdict("resource.?Nested.?Inner.hasValue()", null), "false");
}

#[test]
fn a_sensitive_value_is_there_and_cannot_be_read() {
    let plain = json!({"$redacted": {"len": 8}});
    let url = json!({"$redacted": {"len": 30, "looks_like": "url_userinfo"}});
    let document =
        json!({"Name": plain, "Attributes": {"u": url}, "Names": ["a", plain], "Off": false});
    for (source, expected) in [
        ("resource.Name != null", "true"),
        ("resource.Name == null", "false"),
        ("resource.?Name.hasValue()", "true"),
        ("resource.?Name.value() != null", "true"),
        ("redacted(resource.Name)", "true"),
        ("redacted(\"plain\")", "false"),
        ("looksLike(resource.Name) == \"\"", "true"),
        (
            "looksLike(resource.Attributes.u) == \"url_userinfo\"",
            "true",
        ),
        ("looksLike(\"postgres://a:b@c\") == \"\"", "true"),
        ("type(resource.Name) == string", "true"),
        ("looksLike(resource.?Name.orValue(\"\")) == \"\"", "true"),
        (
            "resource.Attributes.exists(k, looksLike(resource.Attributes[k]) != \"\")",
            "true",
        ),
        ("\"a\" in resource.Names", "true"),
        ("size(resource.Names) == 2", "true"),
        ("resource.Names.exists(n, redacted(n))", "true"),
        ("resource.Name == \"a\" && resource.Off", "false"),
    ] {
        assert_eq!(verdict(source, document.clone()), expected, "{source}");
    }
    for source in [
        "resource.Name == \"a\"",
        "\"a\" != resource.Name",
        "resource.Name.startsWith(\"a\")",
        "resource.Name.matches(\"a\")",
        "size(resource.Name) == 8",
        "resource.Name + \"a\" == \"a\"",
        "resource.Name < \"a\"",
        "resource.Name in [\"a\"]",
        "{\"a\": 1}[resource.Name] == 1",
        "quantity(resource.Name) == quantity(\"1\")",
    ] {
        let outcome = verdict(source, document.clone());
        assert!(outcome.ends_with(": redacted"), "{source}: {outcome}");
    }
    assert_eq!(
        verdict("resource.Name == \"a\"", document.clone()),
        "unread Name: redacted"
    );
    for source in [
        "\"b\" in resource.Names",
        "resource.Names == [\"a\", \"b\"]",
        "resource.Names.join() == \"a\"",
    ] {
        let outcome = verdict(source, document.clone());
        assert!(outcome.ends_with(": redacted"), "{source}: {outcome}");
    }
    assert_eq!(
        verdict("resource.Names == [\"b\", \"b\"]", document),
        "false"
    );
}

#[test]
fn unknown_stops_with_its_reason() {
    let document = json!({"On": true, "Off": false});
    let stop = |source: &str| verdict(source, document.clone());
    assert_eq!(
        stop("unknown(\"the key is in another account\")"),
        "unread : the key is in another account"
    );
    assert_eq!(stop("resource.On || unknown(\"x\")"), "true");
    assert_eq!(stop("unknown(\"x\") && resource.Off"), "false");
    assert_eq!(stop("resource.Off ? true : unknown(\"x\")"), "unread : x");
    assert_eq!(stop("resource.On ? true : unknown(\"x\")"), "true");
    assert_eq!(stop("[1, 2].exists(n, n == 2 || unknown(\"x\"))"), "true");
    assert_eq!(
        stop("(resource.Off ? 3 : unknown(\"x\")) > 2"),
        "unread : x"
    );
    let program = thing("unknown(\"x\")");
    in_world("t.Thing", &document, &nothing(), |world| {
        match decide(&program, world) {
            Err(Stop::Unread(unread)) => assert_eq!(unread.reason, Reason::NotSupported),
            other => panic!("{other:?}"),
        }
    });
}
