//! The parts of a rule file that are not plain texts: parameters and cases.

use super::{CASE_KEYS, CaseFile, PARAM_KEYS, ParamFile, Tests, Text};
use crate::yaml::{Node, Reader, Yaml};

impl Reader<'_> {
    pub(in crate::rules) fn param(&mut self, name: &Text, node: &Node) -> ParamFile {
        let mut param = ParamFile::default();
        let title = format!("the parameter `{}`", name.value);
        let Some(fields) = self.fields(node, &title, &PARAM_KEYS) else {
            return param;
        };
        self.missing(
            &fields,
            &["type", "default", "about"],
            &[],
            &name.place,
            &title,
        );
        for (key, node) in fields {
            match key.value.as_str() {
                "type" => param.ty = self.line(key, node),
                "default" => param.default = Some(node.clone()),
                "min" => param.min = Some(node.clone()),
                "max" => param.max = Some(node.clone()),
                "values" => param.values = Some(node.clone()),
                _ => param.about = self.line(key, node),
            }
        }
        param
    }

    pub(in crate::rules) fn tests(&mut self, key: &Text, node: &Node) -> Option<Tests> {
        let Yaml::List(items) = &node.value else {
            self.wrong_type("`tests`", "a list of cases", node);
            return None;
        };
        let told = self.errors.len();
        let cases = items.iter().filter_map(|item| self.case(item)).collect();
        Some(Tests {
            place: key.place.clone(),
            cases,
            whole: self.errors.len() == told,
        })
    }

    fn case(&mut self, node: &Node) -> Option<CaseFile> {
        let fields = self.fields(node, "a case", &CASE_KEYS)?;
        let place = fields
            .first()
            .map_or_else(|| node.head(), |(key, _)| key.place.clone());
        self.missing(
            &fields,
            &["name", "resource", "expect"],
            &[],
            &place,
            "the case",
        );
        let mut case = CaseFile {
            place,
            name: None,
            kind: None,
            resource: None,
            related: Vec::new(),
            params: Vec::new(),
            now: None,
            expect: None,
        };
        for (key, node) in fields {
            match key.value.as_str() {
                "name" => case.name = self.line(key, node),
                "kind" => case.kind = self.line(key, node),
                "resource" => match &node.value {
                    Yaml::Map(_) => case.resource = Some(node.clone()),
                    _ => self.wrong_type("`resource`", "a map", node),
                },
                "related" => case.related = self.owned(node, "`related`"),
                "params" => case.params = self.owned(node, "`params`"),
                "now" => case.now = self.line(key, node),
                _ => case.expect = self.line(key, node),
            }
        }
        Some(case)
    }

    fn owned(&mut self, node: &Node, name: &str) -> Vec<(Text, Node)> {
        let entries = self.entries(node, name).into_iter().flatten();
        entries
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect()
    }
}
