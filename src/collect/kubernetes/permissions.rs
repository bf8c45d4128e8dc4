//! The permissions of a scan: a ClusterRole that holds what the planned kinds take, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{self, Content};
use crate::collect::Plan;

/// The ClusterRole of a plan as YAML, with a comment that says how to bind it.
pub fn cluster_role(plan: &Plan) -> String {
    let entries = table::planned(plan);
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let logs = entries.iter().any(|entry| entry.content == Content::Log);
    let lists = entries.iter().filter(|entry| entry.content != Content::Log);
    for entry in lists.copied().chain(logs.then_some(&table::POD)) {
        groups.entry(entry.group).or_default().insert(entry.plural);
    }
    let mut yaml = String::from(
        "# What soc2scan reads of a cluster for the selected rules, and nothing else.\n\
         #\n\
         #   soc2scan permissions kubernetes | kubectl apply -f -\n\
         #   kubectl create clusterrolebinding soc2scan --clusterrole=soc2scan --group=soc2scan\n\
         #\n\
         # On EKS, map the scanning principal to that group:\n\
         #\n\
         #   aws eks create-access-entry --cluster-name CLUSTER --principal-arn ARN --kubernetes-groups soc2scan\n\
         #\n\
         # It also asks the server who it is (a SelfSubjectReview), which system:basic-user grants to everybody.\n",
    );
    if entries
        .iter()
        .any(|entry| entry.content == Content::Metadata)
    {
        yaml.push_str(
            "#\n\
             # RBAC cannot grant the metadata of Secrets alone: whoever holds this role can read their values. soc2scan\n\
             # asks the server for metadata only.\n",
        );
    }
    yaml.push_str(
        "apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: ClusterRole\n\
         metadata:\n  name: soc2scan\n\
         rules:\n\
         - nonResourceURLs: [/apis, /version]\n  verbs: [get]\n",
    );
    for (group, plurals) in groups {
        let plurals: Vec<&str> = plurals.into_iter().collect();
        yaml.push_str(&format!(
            "- apiGroups: [\"{group}\"]\n  resources: [{}]\n  verbs: [list]\n",
            plurals.join(", ")
        ));
    }
    if logs {
        yaml.push_str("- apiGroups: [\"\"]\n  resources: [pods/log]\n  verbs: [get]\n");
    }
    yaml
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    fn role(kinds: &[&str]) -> String {
        let kinds = kinds
            .iter()
            .map(|kind| (Kind::new(*kind), BTreeSet::new()))
            .collect();
        cluster_role(&Plan {
            kinds,
            ..Plan::default()
        })
    }

    #[test]
    fn a_role_lists_each_planned_kind_under_its_group() {
        let role = role(&["k8s.Deployment", "k8s.DaemonSet", "k8s.Node"]);
        let rules = role.split_once("rules:\n").expect("rules").1;
        assert_eq!(
            rules,
            "- nonResourceURLs: [/apis, /version]\n  verbs: [get]\n\
             - apiGroups: [\"\"]\n  resources: [nodes]\n  verbs: [list]\n\
             - apiGroups: [\"apps\"]\n  resources: [daemonsets, deployments]\n  verbs: [list]\n"
        );
    }

    #[test]
    fn secrets_are_granted_only_when_planned_and_then_explained() {
        let without: Vec<&str> = super::table::entries()
            .iter()
            .map(|entry| entry.kind)
            .filter(|kind| *kind != "Secret")
            .collect();
        let without: Vec<String> = without.iter().map(|kind| format!("k8s.{kind}")).collect();
        let without: Vec<&str> = without.iter().map(String::as_str).collect();
        let without = role(&without);
        let mut words = without.split([' ', ',', '[', ']']);
        assert!(words.all(|word| word != "secrets"));
        assert!(!without.contains("RBAC cannot grant the metadata"));
        let with = role(&["k8s.Secret"]);
        assert!(with.contains("resources: [secrets]"));
        assert!(with.contains("RBAC cannot grant the metadata"));
    }
}
