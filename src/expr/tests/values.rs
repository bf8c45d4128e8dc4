//! Operators on values that are there.

use serde_json::json;

use super::*;

/// Expressions that must be true.
pub(super) fn hold(sources: &[&str]) {
    for source in sources {
        assert_eq!(verdict(source, json!({"Off": false})), "true", "{source}");
    }
}

#[test]
fn numbers_mix_by_value() {
    hold(&[
        "1 == 1.0",
        "1 < 1.5",
        "2.0 >= 2",
        "1 + 0.5 == 1.5",
        "3 / 2 == 1",
        "-3 / 2 == -1",
        "3.0 / 2 == 1.5",
        "7 % 3 == 1",
        "-(1 - 3) == 2",
        "0.1 + 0.2 > 0.3",
        "9007199254740993 > 9007199254740992.0",
        "9007199254740993 != 9007199254740992.0",
        "-1 > -1.5",
        "1u + 1 == 2",
        "0x10 == 16",
        "1 in [1.0, 2.0]",
        "[1, 2] == [1.0, 2.0]",
        "{\"a\": 1} == {\"a\": 1.0}",
    ]);
    let big = json!({"BackupRetentionPeriod": 18_446_744_073_709_551_615u64, "Ratio": 0.5});
    assert_eq!(
        verdict(
            "resource.BackupRetentionPeriod > 9223372036854775807",
            big.clone()
        ),
        "true"
    );
    assert_eq!(verdict("resource.Ratio * 2 == 1", big), "true");
    for (source, bug) in [
        ("1 / 0 == 1", "bug the result of `/` is out of range"),
        ("1 % 0 == 1", "bug the result of `%` is out of range"),
        ("1.0 / 0 == 1.0", "bug the result of `/` is out of range"),
        (
            "9223372036854775807 + 1 > 0",
            "bug the result of `+` is out of range",
        ),
        ("1.5 % 1 == 0.5", "bug `%` takes whole numbers"),
    ] {
        assert_eq!(verdict(source, json!({})), bug, "{source}");
    }
}

#[test]
fn lists_and_objects_are_equal_all_the_way_down() {
    hold(&[
        "[1, [\"a\"]] == [1, [\"a\"]]",
        "[1] != [1, 2]",
        "[1] != [\"a\"] || true",
        "{\"a\": [1]} == {\"a\": [1]}",
        "{\"a\": 1} != {\"b\": 1}",
        "{\"a\": null} == {\"b\": null}",
        "[] == []",
        "[1] + [2] == [1, 2]",
        "{\"a\": {\"b\": 1}}.a.b == 1",
        "{\"a\": 1}[\"b\"] == null",
        "\"a\" in {\"a\": 1}",
        "!(\"b\" in {\"a\": 1})",
        "!(\"a\" in {\"a\": null})",
        "[[1], [2]].exists(l, l == [2])",
        "[1, 2, 3][1] == 2",
    ]);
    let document = json!({"Policy": {"Action": ["a", "b"], "Extra": null}});
    assert_eq!(
        verdict(
            "resource.Policy == {\"Action\": [\"a\", \"b\"]}",
            document.clone()
        ),
        "true"
    );
    assert_eq!(
        verdict("resource.Policy[\"Action\"][1] == \"b\"", document.clone()),
        "true"
    );
    assert_eq!(
        verdict("resource.Policy.Action == \"a\"", document.clone()),
        "bug Policy.Action is a list and cannot equal a string"
    );
    let guarded = "type(resource.Policy.Action) == list && \"a\" in resource.Policy.Action";
    assert_eq!(verdict(guarded, document), "true");
}

#[test]
fn loops_go_over_elements_and_keys() {
    hold(&[
        "[1, 2, 3].all(n, n > 0)",
        "[1, 2, 3].exists(n, n == 2)",
        "[1, 2, 2].exists_one(n, n == 1)",
        "![1, 2, 2].exists_one(n, n == 2)",
        "[1, 2, 3].filter(n, n > 1) == [2, 3]",
        "[1, 2, 3].map(n, n * 2) == [2, 4, 6]",
        "[1, 2, 3].map(n, n > 1, n * 2) == [4, 6]",
        "{\"a\": 1, \"b\": 2}.all(k, k in [\"a\", \"b\"])",
        "{\"a\": 1, \"b\": 2}.map(k, k) == [\"a\", \"b\"]",
        "[[1, 2], [3]].all(l, l.all(n, n > 0 && size(l) < 3))",
        "[1].map(n, [2].map(m, n + m)) == [[3]]",
        "[3].all(n, [4].exists(n, n == 4) && n == 3)",
    ]);
    let map = json!({"Attributes": {"a": "1", "b": "2", "c": null}});
    assert_eq!(
        verdict(
            "resource.Attributes.all(k, resource.Attributes[k] > \"0\")",
            map.clone()
        ),
        "true"
    );
    assert_eq!(verdict("size(resource.Attributes) == 2", map), "true");
}

#[test]
fn time_is_reckoned() {
    hold(&[
        "now == timestamp(\"2026-01-15T12:00:00Z\")",
        "now - timestamp(\"2026-01-14T10:00:00Z\") == duration(\"26h\")",
        "now - duration(\"7d\") < now && now + duration(\"1s\") > now",
        "duration(\"1h\") + duration(\"30m\") == duration(\"90m\")",
        "duration(\"1h\") - duration(\"2h\") == -duration(\"1h\")",
        "timestamp(\"2026-01-15T14:00:00+02:00\") == now",
        "timestamp(\"2026-01-15T12:00:00.5Z\") > now",
    ]);
    let at = |text: &str| json!({"CreatedAt": text});
    // As text, the first of these would come after now, and the second before it.
    assert_eq!(
        verdict("resource.CreatedAt < now", at("2026-01-15T13:00:00+02:00")),
        "true"
    );
    assert_eq!(
        verdict("resource.CreatedAt > now", at("2026-01-15T12:00:00.5Z")),
        "true"
    );
    assert_eq!(
        verdict("resource.CreatedAt == now", at("2026-01-15T12:00:00.000Z")),
        "true"
    );
    assert_eq!(
        verdict(
            "now - resource.CreatedAt > duration(\"7d\")",
            at("2026-01-01T00:00:00Z")
        ),
        "true"
    );
    assert_eq!(
        verdict(
            "resource.CreatedAt + duration(\"1h\") > now",
            at("2026-01-15T11:30:00Z")
        ),
        "true"
    );
    assert_eq!(
        verdict(
            "resource.CreatedAt - resource.CreatedAt == duration(\"0\")",
            at("2026-01-15T11:30:00Z")
        ),
        "true"
    );
    assert_eq!(
        verdict("resource.CreatedAt < now", at("yesterday")),
        "unread CreatedAt: not a timestamp"
    );
}

#[test]
fn values_become_json() {
    for (source, expected) in [
        ("1 + 1", json!(2)),
        ("1.5", json!(1.5)),
        ("[\"a\", {\"b\": null}]", json!(["a", {"b": null}])),
        ("now", json!("2026-01-15T12:00:00Z")),
        ("duration(\"26h\")", json!("93600s")),
        ("quantity(\"1500m\")", json!("1500000000n")),
        ("cidr(\"10.0.0.1/8\")", json!("10.0.0.0/8")),
        ("ip(\"::1\")", json!("::1")),
        ("image(\"nginx\").tag", json!(null)),
        ("params.names", json!(["a", "b"])),
        ("optional.of(1).orValue(2)", json!(1)),
        ("[1, 2].filter(n, n > 1)", json!([2])),
    ] {
        assert_eq!(worked_out(source), expected, "{source}");
    }
    let marker = hidden();
    let document =
        json!({"Name": {"$redacted": {"len": 1}}, "Groups": {"g": marker}, "Names": [marker]});
    let valued = |source: &str| {
        let program = thing(source);
        in_world("t.Thing", &document, &nothing(), |world| {
            value(&program, world)
        })
    };
    assert_eq!(valued("resource.Name").unwrap(), document["Name"]);
    assert_eq!(valued("resource.Groups").unwrap(), document["Groups"]);
    assert!(matches!(
        valued("resource.Names + []"),
        Err(Stop::Unread(_))
    ));
    assert!(matches!(valued("resource.Groups.g"), Err(Stop::Unread(_))));
}

#[test]
fn parameters_and_variables_are_values() {
    hold(&[
        "params.days == 7 && params.share < 1.0 && params.strict && params.engine == \"pg\"",
        "params.engine in params.names || \"a\" in params.names",
    ]);
}

#[test]
fn what_takes_too_many_steps_is_unknown() {
    let loops = thing("[1, 2, 3].all(a, [1, 2, 3].all(b, [1, 2, 3].all(c, a + b + c > 0)))");
    in_world("t.Thing", &json!({}), &nothing(), |world| {
        let with = |budget| interpret::Interpreter::with_budget(world, budget).decide(&loops);
        assert_eq!(told(with(1_000)), "true");
        assert_eq!(
            told(with(100)),
            "unread : the document takes too many steps to judge"
        );
    });
}

#[test]
fn comparisons_are_steps_too() {
    let distinct = |list: &str| thing(&format!("{list}.distinct().size() > 0"));
    let numbers: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    let numbers = distinct(&format!("[{}]", numbers.join(", ")));
    let texts: Vec<_> = (0..100).map(|number| format!("\"{number}\"")).collect();
    let texts = distinct(&format!("[{}]", texts.join(", ")));
    in_world("t.Thing", &json!({}), &nothing(), |world| {
        let with = |program| interpret::Interpreter::with_budget(world, 1_000).decide(program);
        assert_eq!(told(with(&texts)), "true");
        assert_eq!(
            told(with(&numbers)),
            "unread : the document takes too many steps to judge"
        );
    });
}

#[test]
fn variables_that_nest_too_deeply_are_unknown_and_not_an_overflow() {
    let sum = |first: &str| format!("{first}{}", " + 1".repeat(60));
    let (variables, program) = super::names::with_variables(
        &[
            ("a", &sum("1")),
            ("b", &sum("variables.a")),
            ("c", &sum("variables.b")),
            ("d", &sum("variables.c")),
            ("e", &sum("variables.d")),
        ],
        "variables.e > 0",
    );
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let told = small.spawn(move || {
        in_world_with("t.Thing", &json!({}), &nothing(), &variables, |world| {
            told(decide(&program, world))
        })
    });
    assert_eq!(
        told.unwrap().join().unwrap(),
        "unread : the document takes too many steps to judge"
    );
}
