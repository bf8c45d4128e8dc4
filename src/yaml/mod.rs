//! YAML that people write: a tree that knows its places, a reader that tells everything that is wrong, and the errors.

mod diagnostic;
mod reader;
mod tree;

pub(crate) use diagnostic::{File, visible};
pub use diagnostic::{FileError, FileErrors};
pub(crate) use reader::{Reader, Text};
pub(crate) use tree::{At, Node, Place, Yaml, parse, place_within};
