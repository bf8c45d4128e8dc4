//! What expressions mean.

mod functions;
mod logic;
mod names;
mod nulls;
mod refused;
mod sound;
mod types;
mod values;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::model::{Fact, Reason, Shape};

/// Documents of every shape: `t.Thing`, `t.Other`, and two workloads.
pub(super) fn schema() -> Schema {
    let object = |fields: &[(&str, Shape)]| {
        Shape::Object(
            fields
                .iter()
                .map(|(name, shape)| ((*name).to_owned(), shape.clone()))
                .collect(),
        )
    };
    let list = |of: Shape| Shape::List(Box::new(of));
    let labels = || Shape::Map(Box::new(Shape::String));
    let selector = || {
        object(&[
            ("matchLabels", labels()),
            (
                "matchExpressions",
                list(object(&[
                    ("key", Shape::String),
                    ("operator", Shape::String),
                    ("values", list(Shape::String)),
                ])),
            ),
        ])
    };
    let item = object(&[
        ("name", Shape::String),
        ("size", Shape::Integer),
        ("on", Shape::Boolean),
        ("tags", labels()),
        ("ports", list(object(&[("port", Shape::IntOrString)]))),
    ]);
    let thing = object(&[
        ("BackupRetentionPeriod", Shape::Integer),
        ("Name", Shape::String),
        ("Ratio", Shape::Number),
        ("On", Shape::Boolean),
        ("Off", Shape::Boolean),
        ("CreatedAt", Shape::Timestamp),
        ("Names", list(Shape::String)),
        ("Items", list(item)),
        ("Attributes", labels()),
        (
            "Groups",
            Shape::Map(Box::new(object(&[("size", Shape::Integer)]))),
        ),
        ("Policy", Shape::Any),
        ("Max", Shape::IntOrString),
        (
            "Nested",
            object(&[("Inner", object(&[("Leaf", Shape::String)]))]),
        ),
        ("Statement", Shape::Named("statement".to_owned())),
        ("Selector", selector()),
    ]);
    let template = object(&[
        ("metadata", object(&[("labels", labels())])),
        (
            "spec",
            object(&[
                (
                    "containers",
                    list(object(&[("image", Shape::String), ("name", Shape::String)])),
                ),
                ("hostNetwork", Shape::Boolean),
            ]),
        ),
    ]);
    let metadata = object(&[("labels", labels()), ("name", Shape::String)]);
    let deployment = object(&[
        ("metadata", metadata.clone()),
        (
            "spec",
            object(&[("replicas", Shape::Integer), ("template", template.clone())]),
        ),
    ]);
    let cron = object(&[
        ("metadata", metadata.clone()),
        (
            "spec",
            object(&[(
                "jobTemplate",
                object(&[("spec", object(&[("template", template.clone())]))]),
            )]),
        ),
    ]);
    let statement = object(&[
        ("Not", Shape::Named("statement".to_owned())),
        ("Any", list(Shape::Named("statement".to_owned()))),
        ("Leaf", Shape::String),
    ]);
    Schema {
        kinds: BTreeMap::from([
            (Kind::new("t.Thing"), thing),
            (
                Kind::new("t.Other"),
                object(&[
                    ("Name", Shape::String),
                    ("Size", Shape::Integer),
                    ("Selector", selector()),
                ]),
            ),
            (Kind::new("k8s.Deployment"), deployment),
            (Kind::new("k8s.CronJob"), cron),
            (Kind::new("k8s.Pod"), template),
        ]),
        shapes: BTreeMap::from([("statement".to_owned(), statement)]),
    }
}

pub(super) struct Docs(pub(super) BTreeMap<Kind, Fact<Vec<Value>>>);

impl<'a> Related<'a> for &'a Docs {
    fn related(&self, kind: &Kind) -> Fact<Vec<&'a Value>> {
        match self.0.get(kind) {
            Some(Fact::Known(documents)) => Fact::Known(documents.iter().collect()),
            Some(Fact::Unread(unread)) => Fact::Unread(unread.clone()),
            None => Fact::Known(Vec::new()),
        }
    }
}

pub(super) fn unread(operation: &str) -> Unread {
    Unread {
        reason: Reason::Denied,
        operation: operation.to_owned(),
        permission: None,
        detail: String::new(),
    }
}

/// The marker of a fact that was not read.
pub(super) fn hidden() -> Value {
    unread("op").marker()
}

pub(super) fn params() -> (BTreeMap<String, ParamType>, BTreeMap<String, Value>) {
    (
        BTreeMap::from([
            ("days".to_owned(), ParamType::Int),
            ("share".to_owned(), ParamType::Number),
            ("strict".to_owned(), ParamType::Bool),
            ("engine".to_owned(), ParamType::String),
            ("names".to_owned(), ParamType::Strings),
        ]),
        BTreeMap::from([
            ("days".to_owned(), json!(7)),
            ("share".to_owned(), json!(0.5)),
            ("strict".to_owned(), json!(true)),
            ("engine".to_owned(), json!("pg")),
            ("names".to_owned(), json!(["a", "b"])),
        ]),
    )
}

pub(super) fn compile_for(source: &str, kinds: &[&str]) -> Result<Program, Vec<Problem>> {
    let kinds: Vec<Kind> = kinds.iter().copied().map(Kind::new).collect();
    let schema = schema();
    let (params, _) = params();
    let env = Env {
        schema: &schema,
        kinds: &kinds,
        params: &params,
        variables: &[],
    };
    compile(source, &env)
}

pub(super) fn thing(source: &str) -> Program {
    compile_for(source, &["t.Thing"]).unwrap_or_else(|problems| panic!("{source}: {problems:#?}"))
}

/// The only problem of an expression: the text it points at, the message, the help.
pub(super) fn refused(source: &str) -> (String, String, String) {
    let problems = compile_for(source, &["t.Thing"]).expect_err(source);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = problems[0].clone();
    (
        source[problem.start..problem.end].to_owned(),
        problem.message,
        problem.help.unwrap_or_default(),
    )
}

/// Evaluates in a small world.
pub(super) fn in_world<T>(
    kind: &str,
    resource: &Value,
    related: &Docs,
    run: impl FnOnce(&World) -> T,
) -> T {
    in_world_with(kind, resource, related, &[], run)
}

pub(super) fn in_world_with<T>(
    kind: &str,
    resource: &Value,
    related: &Docs,
    variables: &[(String, Program)],
    run: impl FnOnce(&World) -> T,
) -> T {
    let (_, params) = params();
    let kind = Kind::new(kind);
    let world = World {
        kind: &kind,
        resource,
        params: &params,
        now: "2026-01-15T12:00:00Z".parse().unwrap(),
        related: &related,
        variables,
    };
    run(&world)
}

fn nothing() -> Docs {
    Docs(BTreeMap::new())
}

/// What a condition on a `t.Thing` comes to: `true`, `false`, `unread <operation>`, `missing <path>` or `bug <message>`.
pub(super) fn verdict(source: &str, resource: Value) -> String {
    let program = thing(source);
    in_world("t.Thing", &resource, &nothing(), |world| {
        told(decide(&program, world))
    })
}

pub(super) fn told(outcome: Result<bool, Stop>) -> String {
    match outcome {
        Ok(truth) => truth.to_string(),
        Err(Stop::Bug(message)) => format!("bug {message}"),
        Err(Stop::Unread(unread)) if unread.reason == Reason::MissingField => {
            format!("missing {}", unread.operation)
        }
        Err(Stop::Unread(unread)) if unread.detail.is_empty() => {
            format!("unread {}", unread.operation)
        }
        Err(Stop::Unread(unread)) => format!("unread {}: {}", unread.operation, unread.detail),
    }
}

/// The value of an expression without facts.
pub(super) fn worked_out(source: &str) -> Value {
    let program = thing(source);
    in_world("t.Thing", &json!({}), &nothing(), |world| {
        value(&program, world).unwrap_or_else(|stop| panic!("{source}: {stop:?}"))
    })
}
