//! XML bodies: a bounded tree of elements, and its reading by shape.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use super::decode::{self, Misfit};
use super::shapes::{Member, Service, Structure, Type};

/// Deeper bodies are refused: the deepest shape seen is a tenth of this.
const MAX_DEPTH: usize = 128;

/// An element without its namespace.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The root of a document. Entities beyond XML's own five are refused.
    pub fn parse(body: &str) -> Result<Self, Misfit> {
        let bad = |error: String| Misfit::new(format!("not XML: {error}"));
        let mut reader = Reader::from_str(body);
        let mut open: Vec<Element> = vec![Element::default()];
        loop {
            match reader
                .read_event()
                .map_err(|error| bad(error.to_string()))?
            {
                Event::Start(start) => {
                    if open.len() > MAX_DEPTH {
                        return Err(bad("too deep".to_owned()));
                    }
                    open.push(Element::start(&start)?);
                }
                Event::Empty(start) => child(&mut open, Element::start(&start)?),
                Event::End(_) => {
                    let element = open.pop().unwrap_or_default();
                    child(&mut open, element);
                }
                Event::Text(text) => add(&mut open, &text.xml10_content()),
                Event::CData(text) => add(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content();
                    let text = quick_xml::escape::unescape(&format!("&{name};"))
                        .map_err(|error| bad(error.to_string()))?
                        .into_owned();
                    add(&mut open, &text);
                }
                Event::Eof => break,
                Event::DocType(_) => return Err(bad("a document type".to_owned())),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        let document = open.pop().filter(|_| open.is_empty());
        document
            .and_then(|mut document| document.children.pop())
            .ok_or_else(|| bad("no whole element".to_owned()))
    }

    fn start(start: &BytesStart<'_>) -> Result<Self, Misfit> {
        let bad = |error: String| Misfit::new(format!("not XML: {error}"));
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| bad(error.to_string()))?;
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_err(|error| bad(error.to_string()))?;
            let name = attribute.key.into_inner().to_owned();
            attributes.push((name, value.into_owned()));
        }
        Ok(Element {
            name: start.local_name().into_inner().to_owned(),
            attributes,
            ..Element::default()
        })
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first element of this name, at any depth.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The text, without the line breaks and indentation around it.
    pub fn text(&self) -> &str {
        self.text.trim()
    }
}

fn child(open: &mut [Element], element: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// An element's members as the AWS CLI prints them.
pub fn structure(service: &Service, shape: &Structure, element: &Element) -> Result<Value, Misfit> {
    if element.children.is_empty() && !element.text().is_empty() {
        return Err(Misfit::expected("a structure", element.text()));
    }
    let mut found = Map::new();
    for (name, member) in shape {
        let wire = member.wire.as_deref().unwrap_or(name);
        let value = member_of(service, member, wire, element).map_err(|misfit| misfit.at(name))?;
        if let Some(value) = value {
            found.insert(name.clone(), value);
        }
    }
    Ok(Value::Object(found))
}

fn member_of(
    service: &Service,
    member: &Member,
    wire: &str,
    element: &Element,
) -> Result<Option<Value>, Misfit> {
    if member.attribute {
        let mut attributes = element.attributes.iter();
        return match attributes.find(|(name, _)| name == wire) {
            Some((_, text)) => decode::scalar(&member.of, text).map(Some),
            None => Ok(None),
        };
    }
    let mut here = element.children.iter().filter(|child| child.name == wire);
    match (&member.of, member.flat) {
        (Type::List(item), true) => {
            let items: Vec<&Element> = here.collect();
            if items.is_empty() {
                return Ok(None);
            }
            list(service, item, items.into_iter()).map(Some)
        }
        (Type::Map(value), true) => {
            let entries: Vec<&Element> = here.collect();
            if entries.is_empty() {
                return Ok(None);
            }
            map(service, value, entries.into_iter()).map(Some)
        }
        (of, _) => match here.next() {
            Some(child) if here.next().is_none() => value(service, of, child).map(Some),
            Some(_) => Err(Misfit::new("more than one element".to_owned())),
            None => Ok(None),
        },
    }
}

fn value(service: &Service, of: &Type, element: &Element) -> Result<Value, Misfit> {
    match of {
        Type::List(item) => {
            if element.children.is_empty() && !element.text().is_empty() {
                return Err(Misfit::expected("a list", element.text()));
            }
            list(service, item, element.children.iter())
        }
        Type::Map(value) => map(service, value, element.children.iter()),
        Type::Structure(name) => structure(service, decode::shape(service, name)?, element),
        scalar => {
            if let Some(child) = element.children.first() {
                return Err(Misfit::expected("text", &format!("<{}>", child.name)));
            }
            // Spaces are part of a string and never of anything else.
            let text = match scalar {
                Type::String => element.text.as_str(),
                _ => element.text(),
            };
            decode::scalar(scalar, text)
        }
    }
}

fn list<'a>(
    service: &Service,
    item: &Type,
    elements: impl Iterator<Item = &'a Element>,
) -> Result<Value, Misfit> {
    elements
        .enumerate()
        .map(|(index, element)| {
            value(service, item, element).map_err(|misfit| misfit.at(&index.to_string()))
        })
        .collect()
}

fn map<'a>(
    service: &Service,
    of: &Type,
    entries: impl Iterator<Item = &'a Element>,
) -> Result<Value, Misfit> {
    let mut found = Map::new();
    for entry in entries {
        let key = entry
            .child("key")
            .ok_or_else(|| Misfit::new("an entry without a key".to_owned()))?;
        let content = entry
            .child("value")
            .ok_or_else(|| Misfit::new("an entry without a value".to_owned()).at(&key.text))?;
        let content = value(service, of, content).map_err(|misfit| misfit.at(&key.text))?;
        found.insert(key.text.clone(), content);
    }
    Ok(Value::Object(found))
}
