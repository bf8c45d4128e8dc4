//! Functions on values that are there.

use serde_json::json;

use super::values::hold;
use super::*;

#[test]
fn strings_have_their_functions() {
    hold(&[
        "\"abc\".contains(\"b\")",
        "\"abc\".startsWith(\"ab\") && \"abc\".endsWith(\"bc\")",
        "\"a1b\".matches(\"[0-9]\")",
        "!\"a1b\".matches(\"^[0-9]\")",
        "matches(\"a1\", \"^a[0-9]$\")",
        "\"ÄBc\".lowerAscii() == \"Äbc\"",
        "\"äbc\".upperAscii() == \"äBC\"",
        "\" a \".trim() == \"a\"",
        "\"a,b,c\".split(\",\") == [\"a\", \"b\", \"c\"]",
        "\"a,b,c\".split(\",\", 2) == [\"a\", \"b,c\"]",
        "\"a,b\".split(\",\", 0) == []",
        "\"a,b\".split(\",\", -1) == [\"a\", \"b\"]",
        "\"äb\".split(\"\") == [\"ä\", \"b\"]",
        "\"abc\".split(\"\", 2) == [\"a\", \"bc\"]",
        "\"\".split(\"\") == []",
        "\"\".split(\",\") == [\"\"]",
        "\"aXbX\".replace(\"X\", \"-\") == \"a-b-\"",
        "\"äbcd\".substring(1) == \"bcd\"",
        "\"äbcd\".substring(1, 3) == \"bc\"",
        "\"abc\".substring(3) == \"\"",
        "\"äbcb\".indexOf(\"b\") == 1",
        "\"äbcb\".lastIndexOf(\"b\") == 3",
        "\"abc\".indexOf(\"x\") == -1",
        "size(\"äb\") == 2",
        "\"abc\".size() == 3",
        "\"a\" + \"b\" == \"ab\"",
        "\"a\" < \"b\"",
        "[\"a\", \"b\"].join(\", \") == \"a, b\"",
        "[\"a\", \"b\"].join() == \"ab\"",
        "glob(\"prod-*\", \"prod-api\") && !glob(\"prod-*\", \"preprod-api\")",
    ]);
    assert_eq!(
        verdict("\"abc\".substring(4) == \"\"", json!({})),
        "bug substring() is out of range"
    );
    assert_eq!(
        verdict("\"abc\".substring(2, 1) == \"\"", json!({})),
        "bug substring() is out of range"
    );
    let pattern = json!({"Name": "(", "Policy": "^p"});
    assert!(
        verdict("\"a\".matches(resource.Name)", pattern.clone())
            .starts_with("bug not a regular expression")
    );
    assert_eq!(verdict("\"pq\".matches(resource.Policy)", pattern), "true");
}

#[test]
fn lists_have_their_functions() {
    hold(&[
        "[1, 2, 1].distinct() == [1, 2]",
        "[\"a\", \"a\"].distinct() == [\"a\"]",
        "[[1, 2], [3], []].flatten() == [1, 2, 3]",
        "[3, 1.5, 2].min() == 1.5 && [3, 1.5, 2].max() == 3",
        "[\"b\", \"a\"].min() == \"a\"",
        "[quantity(\"1Gi\"), quantity(\"1G\")].max() == quantity(\"1Gi\")",
        "[1, 2.5].sum() == 3.5",
        "[].sum() == 0",
    ]);
    hold(&[
        "listed([1, 2]) == [1, 2]",
        "listed(\"a\") == [\"a\"]",
        "listed({\"a\": 1})[0].a == 1",
        "listed(null) == []",
        "listed(parseJson(\"{}\").a) == []",
        "listed(parseJson(\"{\\\"Action\\\": \\\"*\\\"}\").Action).exists(a, a == \"*\")",
    ]);
    let document = json!({"Items": [{"ports": [{"port": 1}]}, {"ports": null}, {}]});
    let flat = "resource.Items.map(i, i.ports).flatten().all(p, p.port == 1)";
    assert_eq!(verdict(flat, document), "true");
    for source in [
        "[true].min() == true",
        "[1, \"a\"].max() == 1",
        "[\"a\"].sum() == 1",
        "[1].join() == \"1\"",
        "[1].flatten() == [1]",
    ] {
        assert!(verdict(source, json!({})).starts_with("bug "), "{source}");
    }
}

#[test]
fn values_are_converted() {
    hold(&[
        "int(\"42\") == 42",
        "int(3.9) == 3 && int(-3.9) == -3",
        "int(\"-1\") == -1",
        "int(timestamp(\"1970-01-01T00:01:00Z\")) == 60",
        "double(\"1.5\") == 1.5 && double(1) == 1.0",
        "string(1) == \"1\" && string(true) == \"true\" && string(1.5) == \"1.5\"",
        "string(duration(\"1h\")) == \"3600s\"",
        "bool(\"true\") && !bool(\"false\")",
        "type(1) == int && type(1.0) == double && type(\"\") == string && type([]) == list && type({}) == map",
        "type(null) == null_type && type(now) == timestamp && type(true) == bool",
        "dyn(1) == 1",
        "parseJson(\"{\\\"a\\\": [1, null]}\").a[0] == 1",
        "parseJson(\"{\\\"$unread\\\": {}}\")[\"$unread\"] == {}",
        "\"a\" in parseJson(\"{\\\"a\\\": 1}\")",
        "parseJson(\"[1, 2]\").all(n, n > 0)",
    ]);
    let document = json!({"Name": "x y", "Ratio": 1e300});
    for (source, expected) in [
        ("int(resource.Name) == 1", "unread Name: not a whole number"),
        (
            "int(resource.Ratio) == 1",
            "unread Ratio: not a whole number of 64 bits",
        ),
        ("double(resource.Name) == 1.0", "unread Name: not a number"),
        ("double(\"inf\") == 1.0", "unread \"inf\": not a number"),
        ("bool(resource.Name)", "unread Name: not true or false"),
        (
            "timestamp(resource.Name) < now",
            "unread Name: not a timestamp",
        ),
        (
            "duration(resource.Name) < duration(\"1h\")",
            "unread Name: not a duration",
        ),
        (
            "quantity(resource.Name) < quantity(\"1\")",
            "unread Name: not a quantity",
        ),
        (
            "ip(resource.Name) == ip(\"::1\")",
            "unread Name: not an IP address",
        ),
        (
            "cidr(resource.Name) == cidr(\"::/0\")",
            "unread Name: not a CIDR range",
        ),
        (
            "cidr(\"::/0\").containsIP(resource.Name)",
            "unread Name: not an IP address",
        ),
        (
            "cidr(\"::/0\").containsCIDR(resource.Name)",
            "unread Name: not a CIDR range",
        ),
        (
            "image(resource.Name).tag == \"a\"",
            "unread Name: not an image reference",
        ),
        ("parseJson(resource.Name) == null", "unread Name: not JSON"),
        (
            "scaled(resource.Name, 10, true) == 1",
            "unread Name: not a whole number or a percentage",
        ),
    ] {
        assert_eq!(verdict(source, document.clone()), expected, "{source}");
    }
}

#[test]
fn quantities_and_networks_are_compared() {
    hold(&[
        "quantity(\"500m\") < quantity(\"1\")",
        "quantity(\"1Gi\") == quantity(\"1024Mi\")",
        "quantity(1) == quantity(\"1000m\") && quantity(0.5) == quantity(\"500m\")",
        "quantity(\"1\") + quantity(\"500m\") - quantity(\"1\") == quantity(\"500m\")",
        "isQuantity(\"1Gi\") && !isQuantity(\"1 Gi\")",
        "cidr(\"10.0.0.0/8\").containsIP(\"10.1.2.3\")",
        "cidr(\"10.0.0.0/8\").containsIP(ip(\"10.1.2.3\"))",
        "!cidr(\"10.0.0.0/8\").containsCIDR(\"0.0.0.0/0\")",
        "cidr(\"10.0.0.0/8\").containsCIDR(cidr(\"10.1.0.0/16\"))",
        "cidr(\"10.1.2.3/8\") == cidr(\"10.0.0.0/8\")",
        "cidr(\"10.0.0.0/8\").prefixLength() == 8",
        "ip(\"::1\").family() == 6 && ip(\"127.0.0.1\").family() == 4",
        "isIP(\"::1\") && !isIP(\"10.0.0.0/8\") && isCIDR(\"10.0.0.0/8\") && !isCIDR(\"::1\")",
    ]);
}

#[test]
fn images_and_percentages_are_read() {
    hold(&[
        "image(\"reg:5000/app\").tag == null",
        "image(\"reg:5000/app\").registry == \"reg:5000\"",
        "image(\"nginx:1.25\").repository == \"library/nginx\"",
        "image(\"a/b/postgres:16\").name == \"postgres\"",
        "image(\"nginx@sha256:ab\").digest == \"sha256:ab\"",
        "scaled(2, 10, true) == 2",
        "scaled(\"50%\", 3, true) == 2 && scaled(\"50%\", 3, false) == 1",
        "scaled(\"100%\", 3, false) == 3 && scaled(\"0%\", 3, true) == 0",
        "scaled(\"2\", 10, true) == 2",
    ]);
    let port = |port: Value| json!({"Max": port});
    assert_eq!(
        verdict("scaled(resource.Max, 3, true) == 1", port(json!("25%"))),
        "true"
    );
    assert_eq!(
        verdict("resource.Max == \"25%\"", port(json!("25%"))),
        "true"
    );
    assert_eq!(verdict("resource.Max == \"25%\"", port(json!(1))), "false");
    assert_eq!(
        verdict("resource.Max in [1, 2]", port(json!("25%"))),
        "false"
    );
    assert_eq!(verdict("int(resource.Max) == 2", port(json!("2"))), "true");
}

#[test]
fn a_selector_selects_as_kubernetes_does() {
    let on = |selector: Value, labels: Value, expected: &str| {
        let document = json!({"Selector": selector, "Attributes": labels});
        let outcome = verdict(
            "selects(resource.Selector, resource.Attributes)",
            document.clone(),
        );
        assert_eq!(outcome, expected, "{document}");
    };
    let labels = || json!({"app": "web", "tier": "front"});
    let expression = |key: &str, operator: &str, values: Value| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
    on(json!({}), labels(), "true");
    on(json!({}), json!(null), "true");
    on(json!(null), labels(), "false");
    on(json!({"matchLabels": {}}), labels(), "true");
    on(json!({"matchLabels": {"app": "web"}}), labels(), "true");
    on(
        json!({"matchLabels": {"app": "web", "x": "y"}}),
        labels(),
        "false",
    );
    on(json!({"matchLabels": {"app": "api"}}), labels(), "false");
    on(json!({"matchLabels": {"app": "web"}}), json!(null), "false");
    on(
        expression("app", "In", json!(["api", "web"])),
        labels(),
        "true",
    );
    on(expression("app", "In", json!(["api"])), labels(), "false");
    on(expression("none", "In", json!(["api"])), labels(), "false");
    on(expression("app", "NotIn", json!(["api"])), labels(), "true");
    on(
        expression("app", "NotIn", json!(["web"])),
        labels(),
        "false",
    );
    on(
        expression("none", "NotIn", json!(["web"])),
        labels(),
        "true",
    );
    on(expression("app", "Exists", json!(null)), labels(), "true");
    on(expression("none", "Exists", json!(null)), labels(), "false");
    on(
        expression("app", "DoesNotExist", json!(null)),
        labels(),
        "false",
    );
    on(
        expression("none", "DoesNotExist", json!(null)),
        labels(),
        "true",
    );
    on(
        expression("app", "Near", json!(["web"])),
        labels(),
        "unread Selector.matchExpressions[].operator: not an operator of label selectors",
    );
    on(
        json!({"matchExpressions": [{"operator": "Exists"}]}),
        labels(),
        "missing Selector.matchExpressions[].key",
    );
    on(hidden(), labels(), "unread op");
    on(
        json!({"matchLabels": {"app": "web"}}),
        hidden(),
        "unread op",
    );
    on(json!({"matchLabels": hidden()}), labels(), "unread op");
    on(
        json!({"matchLabels": {"app": hidden()}}),
        labels(),
        "unread op",
    );
    on(
        json!({"matchLabels": {"app": hidden(), "tier": "back"}}),
        labels(),
        "false",
    );
    on(
        json!({"matchLabels": {"app": "web"}, "matchExpressions": hidden()}),
        labels(),
        "unread op",
    );
    on(
        json!({"matchLabels": {"app": "api"}, "matchExpressions": hidden()}),
        labels(),
        "false",
    );
    on(
        json!({"matchExpressions": [hidden()]}),
        labels(),
        "unread op",
    );
    let marker = hidden()["$unread"].clone();
    on(
        json!({"matchLabels": {"app": "web"}, "$unread": marker}),
        labels(),
        "unread op",
    );
    on(
        json!({"matchLabels": {"app": "api"}, "$unread": marker}),
        labels(),
        "false",
    );
    on(
        json!({"matchLabels": {"x": "y"}}),
        json!({"app": "web", "$unread": marker}),
        "unread op",
    );
    on(
        json!({"matchLabels": {"app": "web"}}),
        json!({"app": "web", "$unread": marker}),
        "true",
    );
    on(
        expression("app", "NotIn", json!(["api", hidden()])),
        labels(),
        "unread op",
    );
    on(
        expression("app", "In", json!(["web", hidden()])),
        labels(),
        "true",
    );
    let own = "selects({\"matchLabels\": {\"app\": \"web\"}}, {\"app\": \"web\"})";
    assert_eq!(verdict(own, json!({})), "true");
    let plain = "selects({\"app\": \"web\"}, {\"app\": \"web\"})";
    assert_eq!(
        verdict(plain, json!({})),
        "bug a label selector has no field `app`"
    );
}
