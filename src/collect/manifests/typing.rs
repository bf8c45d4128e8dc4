//! What an API server would make of a manifest's values: the types of the kind's model, or a reason why it is refused.

use serde_json::{Number, Value};

use super::tree::{Node, Place, Tree};
use crate::model::{Schema, Shape};

/// Maps and fields of quantities, in which a plain number is as good as text.
const QUANTITIES: [&str; 14] = [
    "averageValue",
    "capacity",
    "default",
    "defaultRequest",
    "divisor",
    "hard",
    "limits",
    "max",
    "maxLimitRequestRatio",
    "min",
    "overhead",
    "requests",
    "sizeLimit",
    "value",
];

/// A document with the types of its model.
pub struct Typed {
    pub value: Value,
    /// What is of another type, in the order of the file.
    pub misfits: Vec<Misfit>,
}

/// A value that the model does not allow where it is.
#[derive(Debug, PartialEq)]
pub struct Misfit {
    pub path: Vec<Step>,
    pub place: Place,
    /// Never the value itself: it may be a secret.
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Field(String),
    Item(usize),
}

/// Reads a document as its kind's model says.
pub fn typed(document: &Node, schema: &Schema, shape: &Shape) -> Typed {
    let mut reader = Reader {
        schema,
        path: Vec::new(),
        misfits: Vec::new(),
    };
    let value = reader.read(document, shape);
    Typed {
        value,
        misfits: reader.misfits,
    }
}

/// The value at a path.
pub fn at<'a>(value: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Field(name) => value.get_mut(name.as_str()),
        Step::Item(index) => value.get_mut(*index),
    })
}

struct Reader<'a> {
    schema: &'a Schema,
    path: Vec<Step>,
    misfits: Vec<Misfit>,
}

impl Reader<'_> {
    fn read(&mut self, node: &Node, shape: &Shape) -> Value {
        let schema = self.schema;
        let shape = schema.resolve(shape);
        let wanted = match (shape, &node.tree) {
            (Shape::Any, _) => return node.to_json(),
            (_, Tree::Null) => {
                return match (self.path.last(), shape) {
                    (Some(Step::Item(_)), _) => self.misfit(node, "a value"),
                    _ => Value::Null,
                };
            }
            (Shape::Object(fields), Tree::Map(entries)) => {
                return entries
                    .iter()
                    .map(|(name, value)| {
                        let shape = fields.get(name).unwrap_or(&Shape::Any);
                        (
                            name.clone(),
                            self.step(Step::Field(name.clone()), value, shape),
                        )
                    })
                    .collect();
            }
            (Shape::Map(inner), Tree::Map(entries)) => {
                return entries
                    .iter()
                    .map(|(name, value)| {
                        let value = self.step(Step::Field(name.clone()), value, inner);
                        // As the server reads it.
                        let empty = value.is_null() && **inner == Shape::String;
                        (name.clone(), if empty { "".into() } else { value })
                    })
                    .collect();
            }
            (Shape::List(inner), Tree::List(items)) => {
                return (0..)
                    .zip(items)
                    .map(|(index, item)| self.step(Step::Item(index), item, inner))
                    .collect();
            }
            (Shape::String | Shape::Timestamp | Shape::IntOrString, Tree::Text(_))
            | (Shape::Boolean, Tree::Bool(_))
            | (Shape::Number, Tree::Number(_)) => return node.to_json(),
            (Shape::String, Tree::Number(number)) if self.is_quantity() => {
                return number.to_string().into();
            }
            (Shape::Integer | Shape::IntOrString, Tree::Number(number)) => match whole(number) {
                Some(number) => return number.into(),
                None => "a whole number",
            },
            // The booleans of YAML 1.1, which kubectl reads.
            (Shape::Boolean, Tree::Text(text)) => match boolean(text) {
                Some(value) => return value.into(),
                None => "true or false",
            },
            (Shape::Object(_) | Shape::Map(_), _) => "a map",
            (Shape::List(_), _) => "a list",
            (Shape::String | Shape::Timestamp, _) => "a text",
            (Shape::Integer, _) => "a whole number",
            (Shape::IntOrString, _) => "a whole number or a text",
            (Shape::Number, _) => "a number",
            (Shape::Boolean, _) => "true or false",
            (Shape::Named(_), _) => return node.to_json(),
        };
        self.misfit(node, wanted)
    }

    fn step(&mut self, step: Step, node: &Node, shape: &Shape) -> Value {
        self.path.push(step);
        let value = self.read(node, shape);
        self.path.pop();
        value
    }

    fn misfit(&mut self, node: &Node, wanted: &str) -> Value {
        self.misfits.push(Misfit {
            path: self.path.clone(),
            place: node.place,
            why: format!(
                "{} is {}, not {wanted}",
                spelled(&self.path),
                node.tree.name()
            ),
        });
        node.to_json()
    }

    fn is_quantity(&self) -> bool {
        let names = self.path.iter().rev().take(2);
        let mut names = names.filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Item(_) => None,
        });
        let env = self
            .path
            .iter()
            .any(|step| *step == Step::Field("env".to_owned()));
        names.any(|name| QUANTITIES.contains(&name) && !(env && name == "value"))
    }
}

/// `spec.template.spec.containers[0].image`.
fn spelled(path: &[Step]) -> String {
    let mut spelled = String::new();
    for step in path {
        match step {
            Step::Field(name) => {
                if !spelled.is_empty() {
                    spelled.push('.');
                }
                spelled.push_str(name);
            }
            Step::Item(index) => spelled.push_str(&format!("[{index}]")),
        }
    }
    spelled
}

fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let text = number.as_f64()?.to_string();
        text.parse().ok()
    })
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" => Some(true),
        "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tree::parse;
    use super::*;
    use crate::collect::kubernetes;
    use crate::model::Kind;

    fn read(text: &str) -> (Value, Vec<(u64, String)>) {
        let schema = kubernetes::schema();
        let shape = &schema.kinds[&Kind::new("k8s.Deployment")];
        let typed = typed(&parse(text).unwrap(), &schema, shape);
        let misfits = typed.misfits.into_iter();
        (
            typed.value,
            misfits
                .map(|misfit| (misfit.place.line, misfit.why))
                .collect(),
        )
    }

    #[test]
    fn what_the_server_converts_is_converted() {
        let text = "
spec:
  replicas: 2.0
  paused: yes
  template:
    metadata: {labels: {a: }}
    spec:
      containers:
      - image: web
        env:
        resources: {limits: {cpu: 2, memory: 1Gi}}
        ports: [{containerPort: 80}]
        livenessProbe: {httpGet: {port: http}}
";
        let (value, misfits) = read(text);
        assert_eq!(misfits, []);
        assert_eq!(value["spec"]["replicas"], json!(2));
        assert_eq!(value["spec"]["paused"], json!(true));
        let template = &value["spec"]["template"];
        assert_eq!(template["metadata"]["labels"], json!({"a": ""}));
        let container = &template["spec"]["containers"][0];
        assert_eq!(
            container["resources"]["limits"],
            json!({"cpu": "2", "memory": "1Gi"})
        );
        assert_eq!(container["env"], Value::Null);
        assert_eq!(container["livenessProbe"]["httpGet"]["port"], "http");
    }

    #[test]
    fn what_the_server_refuses_is_named_with_its_line_and_without_its_value() {
        let text = "spec:\n  replicas: two\n  template:\n    spec:\n      containers:\n      - image: 1\n        env:\n        - {name: A, value: 12345}\n      - \n      nodeSelector: []\n";
        let (_, misfits) = read(text);
        assert_eq!(
            misfits,
            [
                (2, "spec.replicas is a text, not a whole number".to_owned()),
                (
                    6,
                    "spec.template.spec.containers[0].image is a number, not a text".to_owned()
                ),
                (
                    8,
                    "spec.template.spec.containers[0].env[0].value is a number, not a text"
                        .to_owned()
                ),
                (
                    9,
                    "spec.template.spec.containers[1] is empty, not a value".to_owned()
                ),
                (
                    10,
                    "spec.template.spec.nodeSelector is a list, not a map".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_place_in_a_value_is_found_again() {
        let mut value = json!({"a": [{"b": 1}]});
        let path = [
            Step::Field("a".into()),
            Step::Item(0),
            Step::Field("b".into()),
        ];
        assert_eq!(at(&mut value, &path), Some(&mut json!(1)));
        assert_eq!(at(&mut value, &[Step::Item(0)]), None);
    }
}
