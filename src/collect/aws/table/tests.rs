//! What holds of the whole table.

use super::*;
use crate::collect::aws::entries::ENTRIES;
use crate::collect::aws::schema;
use crate::collect::aws::shapes::{self, Type};

#[test]
fn kinds_are_unique_sorted_and_named_after_their_service() {
    let kinds: Vec<&str> = ENTRIES.iter().map(|entry| entry.kind).collect();
    assert!(
        kinds.windows(2).all(|pair| pair[0] < pair[1]),
        "{kinds:?} are not sorted and unique"
    );
    for entry in ENTRIES {
        assert!(
            entry.kind.starts_with(&format!("aws.{}.", entry.service)),
            "{}",
            entry.kind
        );
    }
}

#[test]
fn every_operation_only_reads() {
    for (_, call) in ENTRIES.iter().flat_map(calls) {
        assert!(
            ["Describe", "Get", "List"]
                .iter()
                .any(|verb| call.operation.starts_with(verb)),
            "{}",
            call.operation
        );
    }
}

/// `models.py` lists these: an operation in one place only is a mistake in the other.
#[test]
fn the_models_hold_exactly_the_operations_of_the_table() {
    let mut used: Vec<(&str, &str)> = ENTRIES
        .iter()
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

#[test]
fn every_field_that_the_table_names_is_in_the_models() {
    for entry in ENTRIES {
        let document = schema::document(entry).unwrap_or_else(|| panic!("{}", entry.kind));
        let has = |field: &str| assert!(document.contains_key(field), "{} {field}", entry.kind);
        if let Some(describe) = &entry.describe {
            describe.seed.iter().for_each(|(field, _)| has(field));
        } else {
            match entry.id {
                Id::Field(field) => has(field),
                Id::FirstOf(fields) => fields.iter().for_each(|field| has(field)),
                Id::Template(_) => {}
            }
        }
        for fact in entry.facts {
            assert!(!document.contains_key(fact.field), "{}", fact.field);
            fact.when.iter().for_each(|(field, _)| has(field));
            for (_, arg) in fact.call.args {
                if let Arg::Field(field) = arg {
                    has(field);
                }
            }
            let service = service_of(entry, fact);
            let member = |name| schema::member(service, fact.call.operation, name);
            match fact.take {
                Take::Answer => {}
                Take::Field(name) => assert!(member(name).is_some(), "{name}"),
                Take::List(name) | Take::Pairs(name) => {
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

/// A list whose model has a token and whose entry has none would be read to its first page only.
#[test]
fn every_list_that_has_pages_is_paged() {
    for (service, call) in ENTRIES.iter().flat_map(calls) {
        let token = ["Marker", "NextMarker", "nextToken", "NextToken"]
            .into_iter()
            .find(|name| schema::member(service, call.operation, name).is_some());
        assert_eq!(
            call.paging.as_ref().map(|paging| paging.receive),
            token,
            "{}",
            call.operation
        );
    }
}
