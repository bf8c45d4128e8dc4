//! The schema of AWS documents, from the table and the service models.

use std::collections::BTreeMap;

use super::entries::entries;
use super::shapes::{self, Structure, Type};
use super::table::{Describe, Entry, Items, Take, service_of};
use crate::model::{Kind, Schema, Shape};

/// Every AWS kind with the fields of its documents.
pub fn schema() -> Schema {
    let mut schema = Schema::default();
    for entry in entries() {
        schema
            .kinds
            .insert(Kind::new(entry.kind), Shape::Object(fields(entry)));
    }
    for (name, service) in &shapes::models().services {
        for (structure, members) in &service.shapes {
            schema.shapes.insert(
                format!("{name}.{structure}"),
                Shape::Object(shapes::schema_of(name, members)),
            );
        }
    }
    schema
}

fn fields(entry: &Entry) -> BTreeMap<String, Shape> {
    let mut fields = document(entry).unwrap_or_default();
    for sweep in entry.sweeps {
        let constants = sweep.fields.iter();
        fields.extend(constants.map(|(field, _)| ((*field).to_owned(), Shape::String)));
    }
    for fact in entry.facts {
        let service = service_of(entry, fact);
        let shape = match fact.take {
            Take::Pairs(_) => Some(Shape::Map(Box::new(Shape::String))),
            Take::Answer => shapes::operation(service, fact.call.operation)
                .map(|operation| Shape::Named(format!("{service}.{}", operation.output))),
            Take::Field(field) | Take::List(field) | Take::Sparse(field) => {
                member(service, fact.call.operation, field).map(|of| of.schema(service))
            }
        };
        fields.insert(fact.field.to_owned(), shape.unwrap_or(Shape::Any));
    }
    fields
}

/// The fields of a kind's document, before other operations' facts.
pub fn document(entry: &Entry) -> Option<BTreeMap<String, Shape>> {
    let service = entry.service;
    let listed = entry.list.operation;
    let structure = match (&entry.describe, entry.items) {
        (Some(Describe { call, at: "", .. }), _) => output(service, call.operation)?,
        (Some(Describe { call, at, .. }), _) => {
            named(service, one(member(service, call.operation, at)?))?
        }
        (None, Items::List(path) | Items::Sparse(path)) => match member(service, listed, path)? {
            Type::List(item) => named(service, item)?,
            _ => return None,
        },
        (None, Items::Answer | Items::Csv { .. } | Items::Sample { .. }) => {
            output(service, listed)?
        }
    };
    let mut fields = shapes::schema_of(service, structure);
    if let Items::Csv { at, columns } = entry.items {
        fields.remove(at);
        fields.extend(
            columns
                .iter()
                .map(|name| ((*name).to_owned(), Shape::String)),
        );
    }
    let told = entry.parent.iter().flat_map(|parent| parent.fields);
    for (field, _) in told {
        fields.entry((*field).to_owned()).or_insert(Shape::String);
    }
    Some(fields)
}

/// What a list that always holds one element holds.
fn one(of: &Type) -> &Type {
    match of {
        Type::List(item) => item,
        other => other,
    }
}

fn named(service: &str, of: &Type) -> Option<&'static Structure> {
    match of {
        Type::Structure(name) => shapes::service(service)?.shapes.get(name),
        _ => None,
    }
}

/// What stands at a path in what an operation answers.
pub fn member(service: &str, operation: &str, path: &str) -> Option<&'static Type> {
    let mut structure = output(service, operation)?;
    let mut names = path.split('.').peekable();
    loop {
        let of = &structure.get(names.next()?)?.of;
        if names.peek().is_none() {
            return Some(of);
        }
        structure = named(service, of)?;
    }
}

fn output(service: &str, operation: &str) -> Option<&'static Structure> {
    let output = &shapes::operation(service, operation)?.output;
    shapes::service(service)?.shapes.get(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field<'a>(schema: &'a Schema, kind: &str, path: &[&str]) -> &'a Shape {
        let mut shape = &schema.kinds[&Kind::new(kind)];
        for name in path {
            shape = match schema.resolve(shape) {
                Shape::Object(fields) => &fields[*name],
                Shape::List(item) => match schema.resolve(item) {
                    Shape::Object(fields) => &fields[*name],
                    other => panic!("{name} in {other:?}"),
                },
                other => panic!("{name} in {other:?}"),
            };
        }
        schema.resolve(shape)
    }

    #[test]
    fn a_document_has_the_fields_of_every_operation_that_fills_it() {
        let schema = schema();
        let of = |kind, path: &[&str]| field(&schema, kind, path).clone();
        assert_eq!(
            of("aws.rds.DBInstance", &["BackupRetentionPeriod"]),
            Shape::Integer
        );
        assert_eq!(
            of("aws.rds.DBInstance", &["LatestRestorableTime"]),
            Shape::Timestamp
        );
        assert_eq!(
            of("aws.kms.Key", &["KeyRotationStatus", "KeyRotationEnabled"]),
            Shape::Boolean
        );
        assert_eq!(
            of("aws.elbv2.LoadBalancer", &["Listeners", "SslPolicy"]),
            Shape::String
        );
        assert_eq!(
            of("aws.elbv2.LoadBalancer", &["Attributes"]),
            Shape::Map(Box::new(Shape::String))
        );
        assert_eq!(
            of("aws.elbv2.LoadBalancer", &["WebACL", "ARN"]),
            Shape::String
        );
        assert_eq!(of("aws.wafv2.WebACL", &["Scope"]), Shape::String);
        assert_eq!(
            of(
                "aws.ecr.Registry",
                &["scanningConfiguration", "rules", "scanFrequency"]
            ),
            Shape::String
        );
    }

    #[test]
    fn a_shape_can_hold_itself() {
        let schema = schema();
        let statement = ["Rules", "Statement", "NotStatement", "Statement"];
        let deep = [&statement[..], &["RateBasedStatement", "Limit"]].concat();
        assert_eq!(field(&schema, "aws.wafv2.WebACL", &deep), &Shape::Integer);
    }
}
