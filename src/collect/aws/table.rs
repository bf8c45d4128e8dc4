//! The words of the table of AWS kinds: which operations read each, where the documents are in the answers, and what
//! absence means.

/// One kind and how it is read.
#[derive(Debug)]
pub struct Entry {
    /// `aws.rds.DBInstance`.
    pub kind: &'static str,
    /// The short name of the service in the models.
    pub service: &'static str,
    /// Where the list is asked for; each makes a coverage row of its own.
    pub sweeps: &'static [Sweep],
    /// Where the kind is a sample of content, which is read only of what the plan names: what the names mean.
    pub sampled: Option<Sampled>,
    /// What is listed first, where the list is asked for each of something else.
    pub parent: Option<Parent>,
    /// What has to be asked before the list can be.
    pub prepare: Option<Prepare>,
    pub list: Call,
    pub items: Items,
    /// Errors of the list that mean "not configured": there are no items, and a single item is an empty document.
    pub absent: &'static [&'static str],
    /// The field that names the region which a resource belongs to, where several regions list it. It is read in its own
    /// region, or in the first that is scanned.
    pub home: Option<&'static str>,
    /// The field that names the region where a resource's own calls go, where that can be another than the list's.
    pub place: Option<&'static str>,
    /// The resource's id, from an item of the list.
    pub id: Id,
    /// The operation that answers the document, where the list does not.
    pub describe: Option<Describe>,
    /// Fields that other operations fill.
    pub facts: &'static [Fact],
}

/// A list asked for in every region, or once.
#[derive(Debug)]
pub struct Sweep {
    pub reach: Reach,
    /// What sets this list apart from the kind's others.
    pub args: &'static [(&'static str, &'static str)],
    /// Fields that every document of this list has, beyond the operation's answer.
    pub fields: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In every region of the scan.
    Regional,
    /// Once, in the partition's home region, whatever the regions; only in the partitions named, or in all if none is.
    Global { partitions: &'static [&'static str] },
}

/// An operation with its arguments.
#[derive(Debug)]
pub struct Call {
    pub operation: &'static str,
    pub args: &'static [(&'static str, Arg)],
    pub paging: Option<Paging>,
    /// Permissions that it needs beside the one of its own name.
    pub also: &'static [&'static str],
}

/// What a plan names where content may be sampled.
#[derive(Clone, Copy, Debug)]
pub enum Sampled {
    /// Accounts, by number.
    Account,
    /// A field of the list's parent.
    Parent(&'static str),
}

/// A list before the list: the clusters whose services are listed.
#[derive(Debug)]
pub struct Parent {
    pub call: Call,
    /// Where its items are in the answer.
    pub at: &'static str,
    /// Fields of the document that the parent tells (`""` is the parent itself, a string).
    pub fields: &'static [(&'static str, &'static str)],
    /// Errors of the list that say that the parent is gone since it was listed.
    pub gone: &'static [&'static str],
}

/// An operation asked again until it says that it is done.
#[derive(Debug)]
pub struct Prepare {
    pub call: Call,
    pub field: &'static str,
    pub done: &'static str,
}

/// Where an argument comes from.
#[derive(Clone, Copy, Debug)]
pub enum Arg {
    Text(&'static str),
    /// The account's number.
    Account,
    /// The item of the list itself, a string.
    Item,
    /// A field of the list's parent; `""` is the parent itself, a string.
    Parent(&'static str),
    /// The first element of a field that is a list of strings; a fact is null where there is none.
    First(&'static str),
    /// A field of the list's item, for `describe`; of the document, for a fact.
    Field(&'static str),
    /// The time of the scan less so many hours.
    Before(i64),
    /// A text in which `{name}` stands for a field of what `Field` looks at.
    Filled(&'static str),
    /// An argument of the sweep.
    Sweep(&'static str),
}

/// The token of a next page: the parameter that sends it, and the field that brings it.
#[derive(Debug)]
pub struct Paging {
    pub send: &'static str,
    pub receive: &'static str,
}

/// Where the items of a list are in its answer, as a path: `DistributionList.Items`.
#[derive(Clone, Copy, Debug)]
pub enum Items {
    List(&'static str),
    /// Left out of the answer when there are none.
    Sparse(&'static str),
    /// The first so many items of a list are the one document's, under the list's name: a sample.
    Sample {
        at: &'static str,
        most: usize,
    },
    /// The rows of a CSV file, with the names of its columns; the answer's other fields are every row's too.
    Csv {
        at: &'static str,
        columns: &'static [&'static str],
    },
    /// The answer is the one item: every region has exactly one.
    Answer,
}

#[derive(Clone, Copy, Debug)]
pub enum Id {
    Field(&'static str),
    /// The first field that is present; `:*` at its end stands for what is inside the resource, and is left out.
    FirstOf(&'static [&'static str]),
    /// `{partition}`, `{region}` and `{account}` are filled in, `{item}` with an item that is a string, and any other
    /// name with the item's field.
    Template(&'static str),
}

/// One resource's document.
#[derive(Debug)]
pub struct Describe {
    pub call: Call,
    /// The field of the answer that is the document, or a list of just that; `""` is the whole answer.
    pub at: &'static str,
    /// Fields of the document that the list's item already tells (`""` is the item itself): all that is known of a
    /// resource when it cannot be described.
    pub seed: &'static [(&'static str, &'static str)],
    /// Errors that say that the resource is gone since it was listed.
    pub gone: &'static [&'static str],
}

/// A field of a document that an operation of its own fills.
#[derive(Debug)]
pub struct Fact {
    pub field: &'static str,
    /// The service, where it is another than the kind's.
    pub service: Option<&'static str>,
    pub call: Call,
    pub take: Take,
    /// Asked only where each of these fields, if present, has one of these values; null otherwise. A field without values
    /// has to be present.
    pub when: &'static [(&'static str, &'static [&'static str])],
    /// Errors that mean "not configured": the fact is null.
    pub absent: &'static [&'static str],
    /// Errors that say that the resource is gone since it was listed.
    pub gone: &'static [&'static str],
}

/// What of an answer becomes the fact.
#[derive(Clone, Copy, Debug)]
pub enum Take {
    Answer,
    Field(&'static str),
    /// A list, over all pages.
    List(&'static str),
    /// Left out of the answer when there are none.
    Sparse(&'static str),
    /// A list of `{Key, Value}` as an object.
    Pairs(&'static str),
}

/// The service that a fact's operation belongs to.
pub fn service_of(entry: &Entry, fact: &Fact) -> &'static str {
    fact.service.unwrap_or(entry.service)
}

/// Every operation of an entry with its service, in the order in which they are asked.
pub fn calls(entry: &'static Entry) -> impl Iterator<Item = (&'static str, &'static Call)> {
    let own = own_calls(entry);
    let facts = entry.facts.iter();
    own.map(|call| (entry.service, call))
        .chain(facts.map(|fact| (service_of(entry, fact), &fact.call)))
}

/// Every operation that reads the documents themselves, in the order in which they are asked.
pub fn own_calls(entry: &'static Entry) -> impl Iterator<Item = &'static Call> {
    let prepare = entry.prepare.iter().map(|prepare| &prepare.call);
    let parent = entry.parent.iter().map(|parent| &parent.call);
    let describe = entry.describe.iter().map(|describe| &describe.call);
    prepare.chain(parent).chain([&entry.list]).chain(describe)
}

#[cfg(test)]
mod tests;
