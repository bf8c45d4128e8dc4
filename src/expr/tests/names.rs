//! What a program says of itself: the facts, related kinds, parameters and variables that it reads.

use serde_json::json;

use super::*;

fn facts(source: &str) -> Vec<String> {
    thing(source).facts().iter().cloned().collect()
}

#[test]
fn facts_are_the_places_that_can_be_read() {
    for (source, expected) in [
        ("resource.On", &["On"][..]),
        (
            "resource.Nested.Inner.Leaf == \"a\"",
            &["Nested.Inner.Leaf"],
        ),
        (
            "resource.?Nested.?Inner.?Leaf.orValue(\"\") == \"a\"",
            &["Nested.Inner.Leaf"],
        ),
        (
            "resource.?Nested.Inner.Leaf.orValue(\"\") == \"a\"",
            &["Nested.Inner.Leaf"],
        ),
        (
            "resource[\"Nested\"][\"Inner\"].Leaf == \"a\"",
            &["Nested.Inner.Leaf"],
        ),
        (
            "resource.`Nested`.Inner.Leaf == \"a\"",
            &["Nested.Inner.Leaf"],
        ),
        (
            "resource.Attributes[\"a.b/c\"] == \"1\"",
            &["Attributes[\"a.b/c\"]"],
        ),
        ("resource.Attributes.a == \"1\"", &["Attributes.a"]),
        (
            "resource.Attributes[resource.Name] == \"1\"",
            &["Attributes", "Name"],
        ),
        (
            "resource.Groups[resource.Name].size == 1",
            &["Groups", "Name"],
        ),
        ("resource.Items.all(i, i.on)", &["Items", "Items[].on"]),
        ("resource.Items[0].on", &["Items[].on"]),
        ("resource.Items[?0].?on.orValue(false)", &["Items[].on"]),
        (
            "resource.Items.filter(i, i.on).all(i, i.name == \"a\")",
            &["Items", "Items[]", "Items[].name", "Items[].on"],
        ),
        (
            "resource.Items.map(i, i.ports).flatten().exists(p, p.port == 1)",
            &[
                "Items",
                "Items[].ports",
                "Items[].ports[]",
                "Items[].ports[].port",
            ],
        ),
        (
            "resource.Items.all(i, i.ports.all(p, p.port == 1))",
            &["Items", "Items[].ports", "Items[].ports[].port"],
        ),
        (
            "resource.?Items.orValue([]).all(i, i.on)",
            &["Items", "Items[].on"],
        ),
        (
            "(resource.Items + resource.Items).all(i, i.on)",
            &["Items", "Items[]", "Items[].on"],
        ),
        ("resource.Names.all(n, n == \"a\")", &["Names", "Names[]"]),
        ("size(resource.Items) > 0", &["Items"]),
        ("\"a\" in resource.Attributes", &["Attributes"]),
        ("resource.Attributes.all(k, k == \"a\")", &["Attributes"]),
        (
            "resource.Policy.Statement[0].Effect == \"Allow\"",
            &["Policy.Statement[].Effect"],
        ),
        (
            "resource.Statement.Not.Not.Any.exists(s, s.Leaf == \"a\")",
            &["Statement.Not.Not.Any", "Statement.Not.Not.Any[].Leaf"],
        ),
        (
            "(resource.On ? resource.Nested.Inner : null).Leaf == \"a\"",
            &["Nested.Inner.Leaf", "On"],
        ),
        (
            "[resource.Name, resource.Policy].exists(x, x == \"a\")",
            &["Name", "Policy"],
        ),
        ("{\"a\": resource.Name}.a == \"a\"", &["Name"]),
        ("now == now && params.strict", &[]),
    ] {
        assert_eq!(facts(source), expected, "{source}");
    }
}

#[test]
fn related_kinds_are_told_with_what_is_read_of_them() {
    let program = thing(
        "related(\"t.Other\").exists(o, o.Name == resource.Name && selects(o.Selector, resource.Attributes)) \
         && size(related(\"k8s.Pod\")) == 0",
    );
    let related: Vec<_> = program
        .related()
        .iter()
        .map(|(kind, paths)| {
            (
                kind.as_str(),
                paths.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        related,
        [("k8s.Pod", vec![]), ("t.Other", vec!["Name", "Selector"])]
    );
    assert_eq!(
        facts("related(\"t.Other\").exists(o, o.Name == resource.Name)"),
        ["Name"]
    );
}

#[test]
fn parameters_and_variables_are_told() {
    let program = thing("params.days > 1 && params.strict && resource.CreatedAt < now");
    assert_eq!(
        program.params().iter().collect::<Vec<_>>(),
        ["days", "strict"]
    );
    assert!(program.may_be_bool());
    assert!(!thing("1 + 1").may_be_bool());
    assert!(thing("resource.Policy").may_be_bool());
    assert!(!thing("resource.Name").may_be_bool());
    assert_eq!(thing("resource.On").source(), "resource.On");
}

/// Compiles variables one after the other, then the condition.
pub(super) fn with_variables(
    variables: &[(&str, &str)],
    source: &str,
) -> (Vec<(String, Program)>, Program) {
    let schema = schema();
    let (params, _) = params();
    let kinds = [Kind::new("t.Thing")];
    let mut compiled: Vec<(String, Option<Program>)> = Vec::new();
    for (name, source) in variables.iter().copied().chain([("", source)]) {
        let env = Env {
            schema: &schema,
            kinds: &kinds,
            params: &params,
            variables: &compiled,
        };
        let program =
            compile(source, &env).unwrap_or_else(|problems| panic!("{source}: {problems:#?}"));
        compiled.push((name.to_owned(), Some(program)));
    }
    let mut compiled: Vec<(String, Program)> = compiled
        .into_iter()
        .map(|(name, program)| (name, program.unwrap()))
        .collect();
    let (_, condition) = compiled.pop().unwrap();
    (compiled, condition)
}

#[test]
fn a_variable_is_another_name_for_its_places() {
    let (variables, program) = with_variables(
        &[
            ("inner", "resource.Nested.Inner"),
            ("on", "resource.Items.filter(i, i.on)"),
            ("others", "related(\"t.Other\").filter(o, o.Size > 1)"),
            ("tag", "image(resource.Name)"),
        ],
        "variables.inner.Leaf == \"a\" && variables.on.all(i, i.name == \"b\") && variables.tag.tag == null \
         && variables.others.all(o, o.Name == \"c\")",
    );
    let facts: Vec<_> = program.facts().iter().collect();
    assert_eq!(facts, ["Items[]", "Items[].name", "Nested.Inner.Leaf"]);
    assert!(program.related()[&Kind::new("t.Other")].contains("Name"));
    assert_eq!(program.variables().len(), 4);
    assert!(variables[0].1.is_alias() && variables[0].1.facts().is_empty());
    assert!(variables[1].1.is_alias());
    assert!(!variables[3].1.is_alias());
    let resource = json!({"Nested": {"Inner": {"Leaf": "a"}}, "Items": [{"on": true, "name": "b"}, {"on": false}], "Name": "nginx"});
    in_world_with("t.Thing", &resource, &nothing(), &variables, |world| {
        assert_eq!(told(decide(&program, world)), "true");
    });
}

#[test]
fn a_variable_that_is_not_named_is_not_evaluated() {
    let (variables, program) = with_variables(
        &[
            ("bad", "resource.BackupRetentionPeriod > 1"),
            ("good", "resource.On"),
        ],
        "variables.good || variables.bad",
    );
    let resource = json!({"On": true});
    in_world_with("t.Thing", &resource, &nothing(), &variables, |world| {
        assert_eq!(decide_noting(&program, world), (Ok(true), false));
    });
    let absent = json!({"On": false});
    in_world_with("t.Thing", &absent, &nothing(), &variables, |world| {
        assert_eq!(
            told(decide(&program, world)),
            "missing BackupRetentionPeriod"
        );
    });
}

#[test]
fn a_variable_that_did_not_compile_is_known_by_name() {
    let schema = schema();
    let (params, _) = params();
    let kinds = [Kind::new("t.Thing")];
    let variables = [("broken".to_owned(), None)];
    let env = Env {
        schema: &schema,
        kinds: &kinds,
        params: &params,
        variables: &variables,
    };
    assert!(compile("variables.broken.anything > 3", &env).is_ok());
    let problems = compile("variables.brokn", &env).unwrap_err();
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `broken`?"));
}

const WORKLOADS: [&str; 3] = ["k8s.Deployment", "k8s.CronJob", "k8s.Pod"];

#[test]
fn a_pod_template_is_found_by_kind() {
    let source = "podTemplate(resource).spec.containers.all(c, image(c.image).tag != null)";
    let program = compile_for(source, &WORKLOADS).unwrap();
    let images: Vec<_> = program
        .facts()
        .iter()
        .filter(|fact| fact.ends_with("image"))
        .collect();
    assert_eq!(
        images,
        [
            "spec.containers[].image",
            "spec.jobTemplate.spec.template.spec.containers[].image",
            "spec.template.spec.containers[].image",
        ]
    );
    let of = |kind: &str| program.facts_of(&Kind::new(kind)).collect::<Vec<_>>();
    assert_eq!(
        of("k8s.Pod"),
        ["spec.containers", "spec.containers[].image"]
    );
    assert_eq!(of("t.Thing"), [""; 0]);
    let containers = json!([{"image": "nginx"}, {"image": "redis:7"}]);
    let template = json!({"spec": {"containers": containers}});
    for (kind, document, path) in [
        ("k8s.Pod", template.clone(), "spec.containers[].image"),
        (
            "k8s.Deployment",
            json!({"spec": {"template": template}}),
            "spec.template.spec.containers[].image",
        ),
        (
            "k8s.CronJob",
            json!({"spec": {"jobTemplate": {"spec": {"template": template}}}}),
            "spec.jobTemplate.spec.template.spec.containers[].image",
        ),
    ] {
        in_world(kind, &document, &nothing(), |world| {
            assert_eq!(told(decide(&program, world)), "false", "{kind}");
            let shown = evidence(&[&program], world.kind, world.resource);
            assert_eq!(
                serde_json::to_value(shown).unwrap(),
                json!({path: ["nginx", "redis:7"]})
            );
        });
        let empty = json!({"metadata": {}});
        in_world(kind, &empty, &nothing(), |world| {
            assert_eq!(told(decide(&program, world)), "missing spec", "{kind}");
        });
    }
    let absent = json!({"spec": {"template": {"spec": {"containers": [{}]}}}});
    in_world("k8s.Deployment", &absent, &nothing(), |world| {
        let outcome = told(decide(&program, world));
        assert_eq!(outcome, "missing spec.template.spec.containers[].image");
    });
}

#[test]
fn a_related_workload_has_a_pod_template_too() {
    let source = "related(\"k8s.Deployment\").exists(d, podTemplate(d).spec.hostNetwork == true)";
    let program = thing(source);
    let kind = Kind::new("k8s.Deployment");
    let paths: Vec<_> = program.related()[&kind].iter().collect();
    assert_eq!(paths, ["spec.template.spec.hostNetwork"]);
    let docs = Docs(BTreeMap::from([(
        kind,
        Fact::Known(vec![
            json!({"spec": {"template": {"spec": {"hostNetwork": true}}}}),
        ]),
    )]));
    in_world("t.Thing", &json!({}), &docs, |world| {
        assert_eq!(told(decide(&program, world)), "true");
    });
}

#[test]
fn a_field_of_one_kind_is_null_in_the_others() {
    let kinds = ["t.Thing", "t.Other"];
    let program = compile_for(
        "resource.Name == \"a\" && (resource.Size == null || resource.Size > 1)",
        &kinds,
    )
    .unwrap();
    let of = |kind: &str| program.facts_of(&Kind::new(kind)).collect::<Vec<_>>();
    assert_eq!(of("t.Thing"), ["Name"]);
    assert_eq!(of("t.Other"), ["Name", "Size"]);
    let document = json!({"Name": "a"});
    in_world("t.Thing", &document, &nothing(), |world| {
        assert_eq!(told(decide(&program, world)), "true");
        let shown = evidence(&[&program], world.kind, world.resource);
        assert_eq!(serde_json::to_value(shown).unwrap(), json!({"Name": "a"}));
    });
    let problems = compile_for("resource.Sise == 1", &kinds).unwrap_err();
    assert_eq!(
        problems[0].message,
        "none of t.Thing, t.Other has a field `Sise`"
    );
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `Size`?"));
}

#[test]
fn evidence_is_the_value_of_every_fact() {
    let applies = thing("resource.Name != \"skip\"");
    let assert = thing(
        "resource.BackupRetentionPeriod >= params.days && resource.Items.all(i, i.on) && resource.?Nested.?Inner.hasValue() \
         && resource.Names != null",
    );
    let document = json!({
        "Name": "a",
        "BackupRetentionPeriod": 7,
        "Items": [{"on": true, "name": "x"}, {"on": hidden()}],
        "Names": ["n"],
        "Ratio": 3,
    });
    let shown = evidence(&[&applies, &assert], &Kind::new("t.Thing"), &document);
    assert_eq!(
        serde_json::to_value(shown).unwrap(),
        json!({
            "Name": "a",
            "BackupRetentionPeriod": 7,
            "Items[].on": [true, hidden()],
            "Nested.Inner": null,
            "Names": ["n"],
        })
    );
    let empty = json!({"Items": []});
    let shown = evidence(&[&assert], &Kind::new("t.Thing"), &empty);
    assert_eq!(
        (&shown["Items"], &shown["Items[].on"]),
        (&json!([]), &json!([]))
    );
}
