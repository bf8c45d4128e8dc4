//! What does not compile, where it is underlined, and what is suggested.

use super::*;

#[test]
fn an_unknown_name_is_underlined_and_the_nearest_suggested() {
    for (source, at, message, help) in [
        (
            "resource.BackupRetentionPeroid >= 7",
            "BackupRetentionPeroid",
            "t.Thing has no field `BackupRetentionPeroid`",
            "did you mean `BackupRetentionPeriod`?",
        ),
        (
            "resource.Nested.Iner.Leaf == \"a\"",
            "Iner",
            "`Nested` of t.Thing has no field `Iner`",
            "did you mean `Inner`?",
        ),
        (
            "resource.Items.all(i, i.nam == \"a\")",
            "nam",
            "`Items[]` of t.Thing has no field `nam`",
            "did you mean `name`?",
        ),
        (
            "resource.?Nested.?Inner.?Leef.orValue(\"\") == \"\"",
            "Leef",
            "`Nested.Inner` of t.Thing has no field `Leef`",
            "did you mean `Leaf`?",
        ),
        (
            "resource[\"Nmae\"] == \"a\"",
            "\"Nmae\"",
            "t.Thing has no field `Nmae`",
            "did you mean `Name`?",
        ),
        (
            "resource[?'Nmae'].hasValue()",
            "'Nmae'",
            "t.Thing has no field `Nmae`",
            "did you mean `Name`?",
        ),
        (
            "resource.Statement.Not.Any[0].Not.Leef == \"a\"",
            "Leef",
            "`Statement.Not.Any[].Not` of t.Thing has no field `Leef`",
            "did you mean `Leaf`?",
        ),
        (
            "related(\"t.Other\").exists(o, o.Nome == \"a\")",
            "Nome",
            "t.Other has no field `Nome`",
            "did you mean `Name`?",
        ),
        (
            "related(\"t.Othr\").exists(o, o.Name == \"a\")",
            "\"t.Othr\"",
            "there is no kind `t.Othr`",
            "did you mean `t.Other`?",
        ),
        (
            "params.dayz > 1",
            "dayz",
            "there is no parameter `dayz`",
            "did you mean `days`?",
        ),
        (
            "resorce.On",
            "resorce",
            "nothing is called `resorce`",
            "did you mean `resource`?",
        ),
        (
            "[1].all(item, itme > 0)",
            "itme",
            "nothing is called `itme`",
            "did you mean `item`?",
        ),
        (
            "resource.Name.startWith(\"a\")",
            "startWith",
            "there is no function `startWith`",
            "did you mean `startsWith`?",
        ),
        (
            "sise(resource.Items) > 1",
            "sise",
            "there is no function `sise`",
            "did you mean `size`?",
        ),
        (
            "image(resource.Name).tagg == \"a\"",
            "tagg",
            "an image reference has no field `tagg`",
            "did you mean `tag`?",
        ),
        (
            "optional.off(1).hasValue()",
            "off",
            "there is no function `optional.off`",
            "did you mean `optional.of`?",
        ),
    ] {
        let expected = (at.to_owned(), message.to_owned(), help.to_owned());
        assert_eq!(refused(source), expected, "{source}");
    }
}

#[test]
fn has_is_refused() {
    let (at, message, help) = refused("has(resource.Name)");
    assert_eq!(at, "has(resource.Name)");
    assert_eq!(message, "`has()` cannot tell absent from not read");
    assert_eq!(
        help,
        "write `resource.Name != null`, or `.?Name` where what holds it can be absent"
    );
}

#[test]
fn a_whole_document_is_no_value() {
    for (source, at) in [
        ("resource == null", "resource"),
        ("related(\"t.Other\").exists(o, o == resource.Policy)", "o"),
        ("size(resource) > 1", "resource"),
    ] {
        let (found, message, _) = refused(source);
        assert_eq!(
            (found.as_str(), message.as_str()),
            (at, "this is a whole document"),
            "{source}"
        );
    }
    let (at, message, _) = refused("podTemplate(resource).spec.hostNetwork");
    assert_eq!(
        (at.as_str(), message.as_str()),
        ("resource", "t.Thing makes no pods")
    );
    let (_, message, _) = refused("podTemplate(resource.Nested).spec.hostNetwork");
    assert_eq!(
        message,
        "`podTemplate()` takes `resource` or a document of `related()`"
    );
    let (_, message, _) = refused("related(resource.Name).exists(o, true)");
    assert_eq!(message, "`related()` takes a kind as a literal string");
}

#[test]
fn other_things_that_are_refused() {
    for (source, message) in [
        ("params == 1", "`params` has no value of its own"),
        (
            "variables.x == 1",
            "there is no variable `x` before this expression",
        ),
        (
            "[1].all(resource, true)",
            "`resource` is taken; call the loop's variable otherwise",
        ),
        ("t.Thing{x: 1} == null", "`t.Thing` is no type here"),
        (".resource.On", "nothing is called `.resource`"),
        ("1e999 > 1.0", "invalid double literal"),
    ] {
        let problems = compile_for(source, &["t.Thing"]).unwrap_err();
        assert_eq!(problems[0].message, message, "{source}");
    }
    assert!(compile_for("", &["t.Thing"]).is_err());
    assert!(compile_for("resource.", &["t.Thing"]).is_err());
    assert!(compile_for("resource.On &&", &["t.Thing"]).is_err());
}

#[test]
fn every_problem_is_told_at_once_and_where_it_is() {
    let source = "resource.Nme == \"é\" &&\n  resource.Items.all(i,\n    i.sise > 1 || i.name.startWith('ü')) &&\n  params.dyas >\n    'x'.size()";
    let problems = compile_for(source, &["t.Thing"]).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| &source[problem.start..problem.end])
        .collect();
    assert_eq!(found, ["Nme", "sise", "startWith", "dyas"]);
}

#[test]
fn length_and_depth_are_bounded() {
    let long = format!("resource.Name == \"{}\"", "a".repeat(MAX_LENGTH));
    let (_, message, _) = refused(&long);
    assert!(message.contains("more than 4096"), "{message}");
    let fits = format!("resource.Name == \"{}\"", "a".repeat(MAX_LENGTH - 20));
    assert!(compile_for(&fits, &["t.Thing"]).is_ok());
    for part in ["1+", "!(", "(", "[", "true?true:"] {
        let deep = format!("{}1", part.repeat(4000 / part.len()));
        let problems = compile_for(&deep, &["t.Thing"]).unwrap_err();
        assert!(!problems.is_empty(), "{part}");
    }
}

#[test]
fn the_deepest_expression_that_compiles_evaluates_on_a_small_stack() {
    let mut deepest = String::from("resource.On");
    while let wrapped = format!("[{deepest}].all(x, x && (resource.Off || resource.On))")
        && compile_for(&wrapped, &["t.Thing"]).is_ok()
    {
        deepest = wrapped;
    }
    let sum = format!("resource.BackupRetentionPeriod {} > 0", "+ 1".repeat(58));
    let document = serde_json::json!({"On": true, "Off": false, "BackupRetentionPeriod": 1});
    for source in [deepest, sum] {
        let small = std::thread::Builder::new().stack_size(1 << 20);
        let document = document.clone();
        let outcome = small.spawn(move || verdict(&source, document)).unwrap();
        assert_eq!(outcome.join().unwrap(), "true");
    }
}
