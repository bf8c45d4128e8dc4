//! What holds of the whole table.

use super::*;
use crate::collect::aws::entries;
use crate::collect::aws::schema;
use crate::collect::aws::shapes::{self, Type};
use crate::wire::TOKENS;

#[test]
fn kinds_are_unique_sorted_and_named_after_their_service() {
    let kinds: Vec<&str> = entries().map(|entry| entry.kind).collect();
    assert!(
        kinds.windows(2).all(|pair| pair[0] < pair[1]),
        "{kinds:?} are not sorted and unique"
    );
    for entry in entries() {
        assert!(
            entry.kind.starts_with(&format!("aws.{}.", entry.service)),
            "{}",
            entry.kind
        );
    }
}

#[test]
fn every_operation_only_reads() {
    for (_, call) in entries().flat_map(calls) {
        assert!(
            ["BatchGet", "Describe", "Filter", "Get", "List", "Lookup"]
                .iter()
                // What it writes is a report of what there is.
                .chain(&["GenerateCredentialReport"])
                .any(|verb| call.operation.starts_with(verb)),
            "{}",
            call.operation
        );
    }
}

/// `models.py` lists these: an operation in one place only is a mistake in the other.
#[test]
fn the_models_hold_exactly_the_operations_of_the_table() {
    let mut used: Vec<(&str, &str)> = entries()
        .flat_map(calls)
        .map(|(service, call)| (service, call.operation))
        .chain([("sts", "GetCallerIdentity"), ("ec2", "DescribeRegions")])
        .collect();
    used.sort_unstable();
    used.dedup();
    let known: Vec<(&str, &str)> = shapes::models()
        .services
        .iter()
        .flat_map(|(name, service)| {
            let operations = service.operations.keys();
            operations.map(move |operation| (name.as_str(), operation.as_str()))
        })
        .collect();
    assert_eq!(used, known);
}

/// What a template has in braces.
fn names(template: &str) -> impl Iterator<Item = &str> {
    let parts = template.split('{').skip(1);
    parts.map(|part| part.split_once('}').unwrap().0)
}

#[test]
fn every_field_that_the_table_names_is_in_the_models() {
    for entry in entries() {
        let document = schema::document(entry).unwrap_or_else(|| panic!("{}", entry.kind));
        let has = |field: &str| assert!(document.contains_key(field), "{} {field}", entry.kind);
        if let Some(Sampled::Parent(field)) = entry.sampled {
            has(field);
        } else if let Some(describe) = &entry.describe {
            describe.seed.iter().for_each(|(field, _)| has(field));
        } else {
            match entry.id {
                Id::Field(field) => has(field),
                Id::FirstOf(fields) => fields.iter().for_each(|field| has(field)),
                Id::Template(template) => {
                    let known = ["partition", "region", "account", "item"];
                    let names = names(template).filter(|name| !known.contains(name));
                    names.for_each(has);
                }
            }
            entry.home.into_iter().for_each(has);
        }
        entry.place.into_iter().for_each(has);
        if let Some(parent) = &entry.parent {
            let items = schema::member(entry.service, parent.call.operation, parent.at);
            assert!(matches!(items, Some(Type::List(_))), "{}", parent.at);
        }
        if let Some(prepare) = &entry.prepare {
            let state = schema::member(entry.service, prepare.call.operation, prepare.field);
            assert_eq!(state, Some(&Type::String), "{}", prepare.field);
        }
        for fact in entry.facts {
            assert!(!document.contains_key(fact.field), "{}", fact.field);
            fact.when.iter().for_each(|(field, _)| has(field));
            for (_, arg) in fact.call.args {
                match arg {
                    Arg::Field(field) | Arg::First(field) => has(field),
                    Arg::Filled(template) => names(template).for_each(has),
                    _ => {}
                }
            }
            let service = service_of(entry, fact);
            let member = |name| schema::member(service, fact.call.operation, name);
            match fact.take {
                Take::Answer => {}
                Take::Field(name) => assert!(member(name).is_some(), "{name}"),
                Take::List(name) | Take::Sparse(name) | Take::Pairs(name) => {
                    assert!(matches!(member(name), Some(Type::List(_))), "{name}");
                }
            }
        }
        for (service, call) in calls(entry) {
            if let Some(paging) = &call.paging {
                assert_eq!(
                    schema::member(service, call.operation, paging.receive),
                    Some(&Type::String),
                    "{}",
                    call.operation
                );
            }
        }
    }
}

/// The tokens of every service: what is sent, and what brings it.
const PAIRS: [(&str, &str); 10] = [
    ("ExclusiveStartTableName", "LastEvaluatedTableName"),
    ("Marker", "NextMarker"),
    ("Marker", "Marker"),
    ("NextMarker", "NextMarker"),
    ("nextToken", "nextToken"),
    ("NextToken", "NextToken"),
    ("ContinuationToken", "ContinuationToken"),
    ("Marker", "DistributionList.NextMarker"),
    ("position", "position"),
    ("PaginationToken", "PaginationToken"),
];

/// A list whose model has a token and whose entry has none would be read to its first page only.
#[test]
fn every_list_that_has_pages_is_paged() {
    for (service, call) in entries().flat_map(calls) {
        let input = &shapes::operation(service, call.operation).unwrap().input;
        let token = PAIRS.into_iter().find(|(send, receive)| {
            let answered = schema::member(service, call.operation, receive).is_some();
            answered && input.contains_key(*send)
        });
        let paging = call.paging.as_ref();
        assert_eq!(
            paging.map(|paging| (paging.send, paging.receive)),
            token,
            "{}",
            call.operation
        );
    }
}

/// What a bundle says of the pages of a list rests on the names that the wire knows, as they travel.
#[test]
fn the_wire_knows_every_token() {
    for (service, call) in entries().flat_map(calls) {
        let Some(paging) = &call.paging else { continue };
        let operation = shapes::operation(service, call.operation).unwrap();
        let sent = &operation.input[paging.send];
        let sent = sent.wire.as_deref().unwrap_or(paging.send);
        let mut structure = &operation.output;
        let mut received = "";
        for name in paging.receive.split('.') {
            let member = &shapes::service(service).unwrap().shapes[structure][name];
            received = member.wire.as_deref().unwrap_or(name);
            if let Type::Structure(inside) = &member.of {
                structure = inside;
            }
        }
        for name in [sent, received] {
            assert!(TOKENS.contains(&name), "{} {name}", call.operation);
        }
    }
}
