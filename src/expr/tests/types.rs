//! What is refused because it does not fit: operands, arguments, literals.

use super::*;

#[test]
fn types_that_do_not_go_together_are_refused() {
    for (source, at, message) in [
        (
            "resource.BackupRetentionPeriod == \"7\"",
            "resource.BackupRetentionPeriod == \"7\"",
            "a number and a string are never equal",
        ),
        (
            "resource.On == \"true\"",
            "resource.On == \"true\"",
            "true or false and a string are never equal",
        ),
        (
            "resource.Items != \"a\"",
            "resource.Items != \"a\"",
            "a list and a string are never equal",
        ),
        (
            "resource.On < true",
            "resource.On < true",
            "true or false and true or false have no order",
        ),
        (
            "resource.Name > 3",
            "resource.Name > 3",
            "a string and a number have no order",
        ),
        (
            "resource.Name > null",
            "resource.Name > null",
            "a string and null have no order",
        ),
        (
            "null + 1 == 1",
            "null + 1",
            "null and a number do not go together with `+`",
        ),
        (
            "resource.Name * 2 == 4",
            "resource.Name * 2",
            "a string and a number do not go together with `*`",
        ),
        (
            "now + now == now",
            "now + now",
            "a timestamp and a timestamp do not go together with `+`",
        ),
        (
            "resource.Name && true",
            "resource.Name",
            "`&&` takes true or false, and this is a string",
        ),
        (
            "true || resource.BackupRetentionPeriod",
            "resource.BackupRetentionPeriod",
            "`||` takes true or false, and this is a number",
        ),
        (
            "!resource.Name",
            "resource.Name",
            "`!` takes true or false, and this is a string",
        ),
        ("!null", "null", "`!` takes true or false, and this is null"),
        (
            "-resource.Name == 1",
            "resource.Name",
            "`-` takes a number or a duration, and this is a string",
        ),
        (
            "resource.Name ? true : false",
            "resource.Name",
            "`?:` takes true or false, and this is a string",
        ),
        (
            "resource.Items.all(i, i.name)",
            "i.name",
            "the condition of a loop takes true or false, and this is a string",
        ),
        (
            "resource.Name.all(c, true)",
            "resource.Name",
            "a loop takes a list or an object, and this is a string",
        ),
        (
            "resource.BackupRetentionPeriod in [\"7\"]",
            "resource.BackupRetentionPeriod in [\"7\"]",
            "a number is never in a list of a string",
        ),
        (
            "7 in resource.Attributes",
            "7 in resource.Attributes",
            "a number is never in a list of a string",
        ),
        (
            "\"a\" in resource.Name",
            "resource.Name",
            "`in` takes a list or an object, and this is a string",
        ),
        (
            "size(resource.BackupRetentionPeriod) == 1",
            "resource.BackupRetentionPeriod",
            "`size()` takes a string or a list or an object, and this is a number",
        ),
        (
            "resource.BackupRetentionPeriod.startsWith(\"a\")",
            "resource.BackupRetentionPeriod",
            "`startsWith()` takes a string, and this is a number",
        ),
        (
            "\"a\".contains(1)",
            "1",
            "`contains()` takes a string, and this is a number",
        ),
        (
            "size(null) == 0",
            "null",
            "`size()` takes a string or a list or an object, and this is null",
        ),
        (
            "resource.Name.x == 1",
            "x",
            "this is a string and has no field `x`",
        ),
        (
            "resource.Items.name == \"a\"",
            "name",
            "this is a list and has no field `name`",
        ),
        (
            "resource.Items[\"a\"] == null",
            "\"a\"",
            "this is a list and has no field `a`",
        ),
        (
            "resource.Attributes[0] == \"a\"",
            "0",
            "this is an object and cannot be indexed with a number",
        ),
        (
            "resource.Name[0] == \"a\"",
            "0",
            "this is a string and cannot be indexed with a number",
        ),
        (
            "resource.CreatedAt < \"2026\"",
            "resource.CreatedAt < \"2026\"",
            "a timestamp is compared with a timestamp",
        ),
        (
            "resource.?Name == \"a\"",
            "resource.?Name == \"a\"",
            "an optional (end it with `.orValue(..)`) and a string are never equal",
        ),
        (
            "resource.?On && true",
            "resource.?On",
            "`&&` takes true or false, and this is an optional (end it with `.orValue(..)`)",
        ),
        ("resource.?On", "resource.?On", "the result is an optional"),
        (
            "resource.Name.orValue(\"\") == \"\"",
            "resource.Name",
            "`orValue()` takes an optional (end it with `.orValue(..)`), and this is a string",
        ),
    ] {
        let (found, told, _) = refused(source);
        assert_eq!((found.as_str(), told.as_str()), (at, message), "{source}");
    }
}

#[test]
fn what_may_fit_is_not_refused() {
    for source in [
        "resource.Policy == \"a\" || resource.Policy == 1 || resource.Policy == [1]",
        "resource.Max == \"50%\" || resource.Max == 1",
        "resource.Max > 1",
        "resource.Ratio == 1",
        "resource.Name in []",
        "resource.Name == null",
        "null in resource.Names",
        "(resource.On ? 1 : \"a\") == \"a\"",
        "dyn(resource.Name) == 1",
        "parseJson(resource.Name).x.y[0] > 1",
        "resource.CreatedAt == \"2026-01-01T00:00:00Z\"",
        "[].all(x, x.anything)",
        "resource.?Policy.orValue({}).x == 1",
        "resource.Attributes[\"$unread\"] == null",
    ] {
        thing(source);
    }
}

#[test]
fn literals_are_checked_at_load() {
    for (source, at, message) in [
        (
            "resource.Name.matches(\"(\")",
            "\"(\"",
            "not a regular expression: unclosed group",
        ),
        (
            "duration(\"1 week\") < duration(\"1h\")",
            "\"1 week\"",
            "not a duration such as \"26h\" or \"7d\"",
        ),
        (
            "timestamp(\"today\") < now",
            "\"today\"",
            "not an RFC 3339 timestamp",
        ),
        (
            "quantity(\"1 Gi\") < quantity(\"1\")",
            "\"1 Gi\"",
            "not a quantity",
        ),
        (
            "cidr(\"10.0.0.0\").containsIP(\"10.0.0.1\")",
            "\"10.0.0.0\"",
            "not a CIDR range",
        ),
        (
            "cidr(\"10.0.0.0/8\").containsIP(\"10.0.0\")",
            "\"10.0.0\"",
            "not an IP address",
        ),
        (
            "cidr(\"10.0.0.0/8\").containsCIDR(\"10.0.0.0\")",
            "\"10.0.0.0\"",
            "not a CIDR range",
        ),
        (
            "ip(\"localhost\") == ip(\"::1\")",
            "\"localhost\"",
            "not an IP address",
        ),
        (
            "b\"a\" == b\"a\" || true",
            "b\"a\"",
            "documents have no bytes",
        ),
    ] {
        let problems = compile_for(source, &["t.Thing"]).unwrap_err();
        let problem = &problems[0];
        assert_eq!(
            (
                &source[problem.start..problem.end],
                problem.message.as_str()
            ),
            (at, message),
            "{source}"
        );
    }
}

#[test]
fn a_call_of_the_wrong_form_shows_the_right_one() {
    for (source, at, help) in [
        (
            "contains(resource.Name, \"a\")",
            "contains",
            "text.contains(part) -> bool",
        ),
        (
            "resource.Name.glob(\"a\")",
            "glob",
            "glob(pattern, text) -> bool",
        ),
        (
            "resource.Name.contains() == true",
            "contains",
            "text.contains(part) -> bool",
        ),
        (
            "resource.Items.all(i)",
            "all",
            "list.all(x, condition) -> bool",
        ),
        (
            "resource.Items.exists(a, b, true)",
            "exists",
            "list.exists(x, condition) -> bool",
        ),
    ] {
        let (found, _, told) = refused(source);
        assert_eq!((found.as_str(), told.as_str()), (at, help), "{source}");
    }
}
