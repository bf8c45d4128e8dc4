//! What a call to a service without a crate in the tree looks like on the wire, by the service's model. Pure.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::shapes::{Argument, Operation, Partition, Position, Protocol, Service, Type};

/// What need not be escaped in a path or query (RFC 3986).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A request without host and signature.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub uri: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// The request for one operation; an error names the argument that the model does not have.
pub fn request(
    service: &Service,
    name: &str,
    operation: &Operation,
    args: &[(&str, &str)],
) -> Result<Request, String> {
    match service.protocol {
        Protocol::Query | Protocol::Ec2 => Ok(form(service, name, args)),
        Protocol::Json => {
            let body = object(operation, args, Position::Body)?;
            let target = service.target.as_deref().unwrap_or_default();
            let version = service.json.as_deref().unwrap_or_default();
            Ok(Request {
                method: "POST".to_owned(),
                uri: "/".to_owned(),
                headers: vec![
                    ("content-type", format!("application/x-amz-json-{version}")),
                    ("x-amz-target", format!("{target}.{name}")),
                ],
                body: Value::Object(body).to_string(),
            })
        }
        Protocol::RestJson | Protocol::RestXml => rest(service, operation, args),
    }
}

fn form(service: &Service, name: &str, args: &[(&str, &str)]) -> Request {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", name);
    form.append_pair("Version", &service.version);
    form.extend_pairs(args);
    Request {
        method: "POST".to_owned(),
        uri: "/".to_owned(),
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: form.finish(),
    }
}

fn rest(
    service: &Service,
    operation: &Operation,
    args: &[(&str, &str)],
) -> Result<Request, String> {
    let http = operation.http.as_deref().unwrap_or_default();
    let (method, template) = http.split_once(' ').unwrap_or(("GET", "/"));
    let (path, fixed) = template.split_once('?').unwrap_or((template, ""));
    let mut path = path.to_owned();
    let mut query: Vec<String> = Vec::new();
    query.extend((!fixed.is_empty()).then(|| fixed.to_owned()));
    for (name, value) in args {
        let argument = argument(operation, name)?;
        let wire = argument.wire.as_deref().unwrap_or(name);
        match argument.place {
            Position::Body => {}
            Position::Query => {
                query.push(format!("{wire}={}", utf8_percent_encode(value, ESCAPED)));
            }
            Position::Path => {
                let escaped = utf8_percent_encode(value, ESCAPED).to_string();
                let whole = escaped.replace("%2F", "/");
                path = path
                    .replace(&format!("{{{wire}}}"), &escaped)
                    .replace(&format!("{{{wire}+}}"), &whole);
            }
        }
    }
    if path.contains('{') {
        return Err(path);
    }
    let body = object(operation, args, Position::Body)?;
    let is_json = service.protocol == Protocol::RestJson;
    let has_body = method != "GET" && is_json;
    let mut headers = Vec::new();
    if is_json {
        // API Gateway answers HAL to whoever does not ask for this.
        headers.push(("accept", "application/json".to_owned()));
    }
    if has_body {
        headers.push(("content-type", "application/json".to_owned()));
    }
    Ok(Request {
        method: method.to_owned(),
        uri: if query.is_empty() {
            path
        } else {
            format!("{path}?{}", query.join("&"))
        },
        headers,
        body: if has_body {
            Value::Object(body).to_string()
        } else {
            String::new()
        },
    })
}

/// The arguments that travel in the body, typed by the model.
fn object(
    operation: &Operation,
    args: &[(&str, &str)],
    place: Position,
) -> Result<Map<String, Value>, String> {
    let mut found = Map::new();
    for (name, value) in args {
        let argument = argument(operation, name)?;
        if argument.place == place {
            let wire = argument.wire.as_deref().unwrap_or(name);
            let value = typed(&argument.of, value).ok_or_else(|| (*name).to_owned())?;
            found.insert(wire.to_owned(), value);
        }
    }
    Ok(found)
}

fn argument<'a>(operation: &'a Operation, name: &str) -> Result<&'a Argument, String> {
    let argument = operation.input.get(name);
    argument.ok_or_else(|| name.to_owned())
}

/// The text of an argument as its type; a list has the one element, a structure is written as JSON.
fn typed(of: &Type, text: &str) -> Option<Value> {
    Some(match of {
        Type::Integer => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            // CloudWatch Logs counts milliseconds.
            Err(_) => Value::from(text.parse::<Timestamp>().ok()?.as_millisecond()),
        },
        Type::Timestamp => Value::from(text.parse::<Timestamp>().ok()?.as_second()),
        Type::Any => serde_json::from_str(text).ok()?,
        Type::Boolean => Value::from(text.parse::<bool>().ok()?),
        // Structures are written in the table as they travel.
        Type::List(item) if **item == Type::Any => typed(item, text)?,
        Type::List(item) => Value::Array(vec![typed(item, text)?]),
        Type::String => Value::from(text),
        Type::Json => serde_json::from_str(text).ok()?,
        _ => return None,
    })
}

/// Where a service is in a region, and which region signatures name.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub url: String,
    pub signing_region: String,
}

/// The partition's endpoint of a service, for FIPS or dual-stack networks where that is configured.
pub fn endpoint(
    service: &Service,
    (name, partition): (&str, &Partition),
    region: &str,
    (fips, dual): (bool, bool),
) -> Endpoint {
    let fips = if fips { "-fips" } else { "" };
    if let Some((host, signing)) = service.hosts.get(name) {
        let (prefix, rest) = host.split_once('.').unwrap_or((host, ""));
        return Endpoint {
            url: format!("https://{prefix}{fips}.{rest}"),
            signing_region: signing.clone(),
        };
    }
    let prefix = service.endpoint.as_ref().unwrap_or(&service.signing);
    let url = match (dual, service.signing.as_str()) {
        (false, _) => format!("https://{prefix}{fips}.{region}.{}", partition.dns),
        // S3 had dual-stack names before the other services had a domain of their own for them.
        (true, "s3") => format!("https://s3{fips}.dualstack.{region}.{}", partition.dns),
        (true, _) => format!("https://{prefix}{fips}.{region}.{}", partition.dual),
    };
    Endpoint {
        url,
        signing_region: region.to_owned(),
    }
}

#[cfg(test)]
mod tests;
