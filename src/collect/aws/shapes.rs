//! The output shapes of the operations that are called, from the published service models (`models.py` writes them).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::{self, Reason, Unread};

/// Everything in `shapes.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    /// The release of the models.
    pub models: String,
    pub partitions: BTreeMap<String, Partition>,
    pub services: BTreeMap<String, Service>,
}

/// A partition of AWS: regions under one domain and one set of accounts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// The domain of its endpoints.
    pub dns: String,
    /// The domain of its dual-stack endpoints.
    pub dual: String,
    /// The region that answers for global services.
    pub home: String,
    pub regions: Vec<String>,
}

/// One service, by its short name in kinds (`elbv2`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub protocol: Protocol,
    pub version: String,
    /// Its name in the settings of every SDK (`Elastic Load Balancing v2`).
    pub id: String,
    /// Its name in signatures and permissions (`elasticloadbalancing`).
    pub signing: String,
    /// Its name in host names, where that is another (`api.ecr`).
    #[serde(default)]
    pub endpoint: Option<String>,
    /// What precedes the operation in the header `X-Amz-Target`, for JSON services.
    #[serde(default)]
    pub target: Option<String>,
    /// The version of the JSON protocol.
    #[serde(default)]
    pub json: Option<String>,
    /// By partition, the one host for all regions, and the region that signatures name.
    #[serde(default)]
    pub hosts: BTreeMap<String, (String, String)>,
    /// Regions that have no endpoint of it, as far as this release of the models knows.
    #[serde(default)]
    pub absent: Vec<String>,
    pub operations: BTreeMap<String, Operation>,
    pub shapes: BTreeMap<String, Structure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    Query,
    Ec2,
    Json,
    RestJson,
    RestXml,
}

impl Protocol {
    pub fn is_xml(self) -> bool {
        matches!(self, Protocol::Query | Protocol::Ec2 | Protocol::RestXml)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The structure that it answers.
    pub output: String,
    /// The arguments that the table may use: scalars, lists of scalars, and structures that are written as JSON.
    #[serde(default)]
    pub input: BTreeMap<String, Argument>,
    /// The element around the answer in query XML.
    #[serde(default)]
    pub wrapper: Option<String>,
    /// The one member that is the whole body.
    #[serde(default)]
    pub payload: Option<String>,
    /// `GET /clusters/{name}`, for REST services.
    #[serde(default)]
    pub http: Option<String>,
}

/// One argument of an operation.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Argument {
    pub of: Type,
    /// Its name on the wire, where that is another.
    pub wire: Option<String>,
    pub place: Position,
}

/// Where an argument travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    #[default]
    Body,
    Path,
    Query,
}

/// A structure's members by name.
pub type Structure = BTreeMap<String, Member>;

#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Member {
    pub of: Type,
    /// Its name on the wire, where that is another.
    pub wire: Option<String>,
    /// A list or map without an element around it.
    pub flat: bool,
    /// An XML attribute.
    pub attribute: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Type {
    String,
    Integer,
    Number,
    Boolean,
    Timestamp,
    /// Base64 text.
    Blob,
    /// Free-form JSON.
    Any,
    /// JSON in a string, percent-encoded or not: a policy. Documents hold it read.
    Json,
    /// A string that is never kept.
    Secret,
    List(Box<Type>),
    Map(Box<Type>),
    Structure(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Traits {
        of: String,
        #[serde(default, rename = "as")]
        wire: Option<String>,
        #[serde(default)]
        flat: bool,
        #[serde(default)]
        attr: bool,
        #[serde(default, rename = "in")]
        place: Position,
    },
}

impl From<Written> for Member {
    fn from(written: Written) -> Self {
        let (of, wire, flat, attribute) = match written {
            Written::Plain(of) => (of, None, false, false),
            Written::Traits {
                of,
                wire,
                flat,
                attr,
                place: _,
            } => (of, wire, flat, attr),
        };
        Member {
            of: Type::parse(&of),
            wire,
            flat,
            attribute,
        }
    }
}

impl From<Written> for Argument {
    fn from(written: Written) -> Self {
        let (of, wire, place) = match written {
            Written::Plain(of) => (of, None, Position::Body),
            Written::Traits {
                of, wire, place, ..
            } => (of, wire, place),
        };
        Argument {
            of: Type::parse(&of),
            wire,
            place,
        }
    }
}

impl Type {
    fn parse(text: &str) -> Self {
        let inside = |open, close| text.strip_prefix(open)?.strip_suffix(close);
        if let Some(item) = inside('[', ']') {
            return Type::List(Box::new(Type::parse(item)));
        }
        if let Some(value) = inside('{', '}') {
            return Type::Map(Box::new(Type::parse(value)));
        }
        match text {
            "string" => Type::String,
            "integer" => Type::Integer,
            "number" => Type::Number,
            "boolean" => Type::Boolean,
            "timestamp" => Type::Timestamp,
            "blob" => Type::Blob,
            "any" => Type::Any,
            "json" => Type::Json,
            "secret" => Type::Secret,
            name => Type::Structure(name.to_owned()),
        }
    }

    /// The type in the words of the schema that rules are checked against; structures are named `service.Name`.
    pub fn schema(&self, service: &str) -> model::Shape {
        match self {
            Type::String | Type::Blob | Type::Secret => model::Shape::String,
            Type::Integer => model::Shape::Integer,
            Type::Number => model::Shape::Number,
            Type::Boolean => model::Shape::Boolean,
            Type::Timestamp => model::Shape::Timestamp,
            Type::Any | Type::Json => model::Shape::Any,
            Type::List(item) => model::Shape::List(Box::new(item.schema(service))),
            Type::Map(value) => model::Shape::Map(Box::new(value.schema(service))),
            Type::Structure(name) => model::Shape::Named(format!("{service}.{name}")),
        }
    }
}

/// A structure in the words of the schema.
pub fn schema_of(service: &str, structure: &Structure) -> BTreeMap<String, model::Shape> {
    let members = structure.iter();
    members
        .map(|(name, member)| (name.clone(), member.of.schema(service)))
        .collect()
}

#[expect(
    clippy::expect_used,
    reason = "the file is embedded, and a test reads it"
)]
static MODELS: LazyLock<Models> = LazyLock::new(|| {
    serde_json::from_str(include_str!("shapes.json"))
        .expect("shapes.json is embedded, and a test reads it")
});

pub fn models() -> &'static Models {
    &MODELS
}

/// The service with this short name.
pub fn service(name: &str) -> Option<&'static Service> {
    models().services.get(name)
}

/// A service's operation.
pub fn operation(service_name: &str, operation: &str) -> Option<&'static Operation> {
    service(service_name)?.operations.get(operation)
}

/// The partition that a region is in, with its name; `None` for a region that the models do not know.
pub fn partition_of(region: &str) -> Option<(&'static str, &'static Partition)> {
    let mut partitions = models().partitions.iter();
    partitions
        .find(|(_, partition)| partition.regions.iter().any(|known| known == region))
        .map(|(name, partition)| (name.as_str(), partition))
}

/// Every region of every partition.
pub fn regions() -> impl Iterator<Item = &'static str> {
    let partitions = models().partitions.values();
    partitions.flat_map(|partition| partition.regions.iter().map(String::as_str))
}

/// What a resolver says of a name that there is not, as against one that it cannot look up now.
const NO_SUCH_NAME: [&str; 3] = ["not known", "No address associated", "does not resolve"];

/// A region without the service: the models say that it has no endpoint there, and there is no such name. Either alone
/// proves nothing.
pub fn is_absent(service_name: &str, region: &str, unread: &Unread) -> bool {
    let service = service(service_name);
    service.is_some_and(|service| service.absent.iter().any(|absent| absent == region))
        && unread.reason == Reason::Unreachable
        && unread.detail.contains("failed to lookup address")
        && NO_SUCH_NAME.iter().any(|said| unread.detail.contains(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structures(of: &Type) -> Option<&str> {
        match of {
            Type::List(item) | Type::Map(item) => structures(item),
            Type::Structure(name) => Some(name),
            _ => None,
        }
    }

    #[test]
    fn every_named_structure_is_there_and_every_structure_is_used() {
        for (name, service) in &models().services {
            let mut used: Vec<&str> = service
                .shapes
                .values()
                .flat_map(|shape| shape.values().filter_map(|member| structures(&member.of)))
                .chain(service.operations.values().map(|o| o.output.as_str()))
                .collect();
            used.sort_unstable();
            used.dedup();
            let known: Vec<&str> = service.shapes.keys().map(String::as_str).collect();
            assert_eq!(used, known, "{name}");
        }
    }

    #[test]
    fn rest_operations_have_a_path_and_query_operations_a_wrapper() {
        for service in models().services.values() {
            for (name, operation) in &service.operations {
                let rest = matches!(service.protocol, Protocol::RestJson | Protocol::RestXml);
                assert_eq!(operation.http.is_some(), rest, "{name}");
                assert_eq!(
                    operation.wrapper.is_some(),
                    service.protocol == Protocol::Query
                );
            }
        }
    }

    #[test]
    fn a_region_leads_to_its_partition() {
        assert_eq!(partition_of("eu-central-1").unwrap().0, "aws");
        assert_eq!(
            partition_of("cn-north-1").unwrap().1.dns,
            "amazonaws.com.cn"
        );
        assert!(partition_of("us-esat-1").is_none());
        assert!(regions().count() > 40);
    }

    #[test]
    fn a_service_is_absent_where_the_models_and_the_name_say_so() {
        let unread = |reason, detail: &str| Unread {
            reason,
            operation: "apprunner:ListServices".to_owned(),
            permission: None,
            detail: detail.to_owned(),
        };
        let nowhere = unread(
            Reason::Unreachable,
            "failed to lookup address information: Name or service not known",
        );
        assert!(is_absent("apprunner", "sa-east-1", &nowhere));
        assert!(!is_absent("apprunner", "us-east-1", &nowhere));
        let denied = unread(Reason::Denied, "failed to lookup address information");
        assert!(!is_absent("apprunner", "sa-east-1", &denied));
        let later = unread(
            Reason::Unreachable,
            "failed to lookup address information: Temporary failure in name resolution",
        );
        assert!(!is_absent("apprunner", "sa-east-1", &later));
        let refused = unread(Reason::Unreachable, "connection refused");
        assert!(!is_absent("apprunner", "sa-east-1", &refused));
    }
}
