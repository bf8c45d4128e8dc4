//! What is known of a value before evaluation: its type, and which places of a document it comes from.

use crate::model::{Kind, Shape};

/// Sets of runtime types, as bits.
pub(super) type Mask = u16;
pub(super) const NULL: Mask = 1;
pub(super) const BOOL: Mask = 1 << 1;
pub(super) const NUMBER: Mask = 1 << 2;
pub(super) const STRING: Mask = 1 << 3;
pub(super) const TIME: Mask = 1 << 4;
pub(super) const DURATION: Mask = 1 << 5;
pub(super) const LIST: Mask = 1 << 6;
pub(super) const MAP: Mask = 1 << 7;
pub(super) const QUANTITY: Mask = 1 << 8;
pub(super) const IP: Mask = 1 << 9;
pub(super) const CIDR: Mask = 1 << 10;
pub(super) const OPTIONAL: Mask = 1 << 11;
pub(super) const ANY: Mask = (1 << 12) - 1;

const NAMES: [(Mask, &str); 12] = [
    (NULL, "null"),
    (BOOL, "true or false"),
    (NUMBER, "a number"),
    (STRING, "a string"),
    (TIME, "a timestamp"),
    (DURATION, "a duration"),
    (LIST, "a list"),
    (MAP, "an object"),
    (QUANTITY, "a quantity"),
    (IP, "an IP address"),
    (CIDR, "a CIDR range"),
    (OPTIONAL, "an optional (end it with `.orValue(..)`)"),
];

/// "a string or a list".
pub(super) fn describe(mask: Mask) -> String {
    let names: Vec<&str> = NAMES
        .iter()
        .filter(|(bit, _)| mask & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    names.join(" or ")
}

/// The document that a place is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// The resource that the rule is about, when it is of this kind.
    Resource(Kind),
    Related(Kind),
    /// The parts of an image reference.
    Image,
    /// No place that can be named: a value under a key that is worked out.
    Value,
}

/// A place in a document. `S` is the shape there, or nothing where types are kept beyond the life of the schema.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place<S> {
    pub(super) root: Root,
    pub(super) path: String,
    pub(super) shape: S,
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type<S> {
    /// Not known.
    Dyn,
    /// No value ever comes: the elements of an empty list, what is unknown anyway.
    Never,
    /// Exactly these runtime types, none of which hold others.
    Plain(Mask),
    List(Box<Type<S>>),
    Map(Box<Type<S>>),
    Optional(Box<Type<S>>),
    /// A value at one of these places, which may also be null.
    Places(Vec<Place<S>>),
}

impl<S: Clone + PartialEq> Type<S> {
    pub(super) fn list(of: Type<S>) -> Self {
        Type::List(Box::new(of))
    }

    /// The type that holds both, and whether the places of either are lost in it.
    pub(super) fn join(self, other: Type<S>, mask: impl Fn(&Type<S>) -> Mask) -> (Self, bool) {
        match (self, other) {
            (Type::Never | Type::Plain(NULL), other) | (other, Type::Never | Type::Plain(NULL)) => {
                (other, false)
            }
            (Type::Plain(left), Type::Plain(right)) => (Type::Plain(left | right), false),
            (Type::Places(mut left), Type::Places(right)) => {
                for place in right {
                    if !left.contains(&place) {
                        left.push(place);
                    }
                }
                (Type::Places(left), false)
            }
            (Type::List(left), Type::List(right)) => {
                let (inner, lost) = left.join(*right, mask);
                (Type::list(inner), lost)
            }
            (Type::Map(left), Type::Map(right)) => {
                let (inner, lost) = left.join(*right, mask);
                (Type::Map(Box::new(inner)), lost)
            }
            (Type::Optional(left), Type::Optional(right)) => {
                let (inner, lost) = left.join(*right, mask);
                (Type::Optional(Box::new(inner)), lost)
            }
            // A literal beside a fact of its own type, such as the default of an absent field.
            (places @ Type::Places(_), other) | (other, places @ Type::Places(_))
                if other.holds_nothing() && mask(&other) & !mask(&places) == 0 =>
            {
                (places, false)
            }
            (left, right) if left == right => (left, false),
            _ => (Type::Dyn, true),
        }
    }

    fn holds_nothing(&self) -> bool {
        match self {
            Type::Plain(_) => true,
            Type::List(inner) | Type::Map(inner) => **inner == Type::Never,
            _ => false,
        }
    }

    /// The same type with other shapes; what has none there is not known.
    pub(super) fn map<T: Clone>(&self, shape: &impl Fn(&Place<S>) -> Option<T>) -> Type<T> {
        match self {
            Type::Dyn => Type::Dyn,
            Type::Never => Type::Never,
            Type::Plain(mask) => Type::Plain(*mask),
            Type::List(inner) => Type::List(Box::new(inner.map(shape))),
            Type::Map(inner) => Type::Map(Box::new(inner.map(shape))),
            Type::Optional(inner) => Type::Optional(Box::new(inner.map(shape))),
            Type::Places(places) => places
                .iter()
                .map(|place| {
                    Some(Place {
                        root: place.root.clone(),
                        path: place.path.clone(),
                        shape: shape(place)?,
                    })
                })
                .collect::<Option<Vec<_>>>()
                .map_or(Type::Dyn, Type::Places),
        }
    }
}

/// What is kept of a place's type when the schema is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept(pub(super) Mask);

impl Type<Kept> {
    pub(super) fn mask(&self) -> Mask {
        match self {
            Type::Dyn | Type::Never => ANY,
            Type::Plain(mask) => *mask,
            Type::List(_) => LIST,
            Type::Map(_) => MAP,
            Type::Optional(_) => OPTIONAL,
            Type::Places(places) => places.iter().fold(NULL, |all, place| all | place.shape.0),
        }
    }

    pub(super) fn is_alias(&self) -> bool {
        match self {
            Type::Places(places) => {
                let named = |place: &Place<Kept>| !matches!(place.root, Root::Image | Root::Value);
                self.mask() & (LIST | MAP) != 0 && places.iter().all(named)
            }
            Type::List(inner) | Type::Optional(inner) => inner.is_alias(),
            _ => false,
        }
    }
}

/// The runtime types that a shape stands for, null aside.
pub(super) fn shape_mask(shape: &Shape) -> Mask {
    match shape {
        Shape::Object(_) | Shape::Map(_) => MAP,
        Shape::List(_) => LIST,
        Shape::String => STRING,
        Shape::Integer | Shape::Number => NUMBER,
        Shape::Boolean => BOOL,
        Shape::Timestamp => STRING | TIME,
        Shape::IntOrString => NUMBER | STRING,
        Shape::Any | Shape::Named(_) => ANY & !OPTIONAL,
    }
}
