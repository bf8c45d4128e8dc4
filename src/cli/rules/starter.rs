//! A rule file to start from: valid as it stands, with every key and a word on each.

/// The file of a new rule with this id.
pub(super) fn text(id: &str) -> String {
    let body = if id.starts_with("k8s.") {
        KUBERNETES
    } else {
        AWS
    };
    format!("{}{HEAD}{body}", START.replace("{id}", id))
}

const START: &str = r#"# Everything that can be said in a rule. Fields of documents: soc2scan resources show KIND.
# Check it while you write: soc2scan rules lint --rules DIR.

# The file's path with dots. `soc2scan check --rules DIR` adds it, or replaces the built-in rule of the same id.
id: {id}
"#;

const HEAD: &str = r#"# The good state, in one line.
title: Example resources are in the good state
# The platforms that have to be scanned for it to be run; without it, those of its kinds.
# platforms: [aws, kubernetes]
# low, medium, high or critical.
severity: medium
# required: criteria that this rule decides. supporting: criteria that it bears on without deciding them.
controls: { required: [A1.2], supporting: [CC9.1] }
# What is enough in place of this rule, for the criteria that it decides: other rules, or a topic that a person attests.
# any_of: [aws.rds.pitr]
# attestable: backup_restore_test
# What it means that there is no resource to speak of: not_applicable, fail, unknown or pass.
when_empty: not_applicable
"#;

const AWS: &str = r#"# A kind, or a list of kinds (soc2scan resources list).
resource: aws.rds.DBInstance

# Values that soc2scan.yaml may tighten within their bounds. Types: int, number, bool, string, strings.
params:
  min_days: { type: int, default: 7, min: 1, max: 35, about: days of automated backups to keep }

# Where it reads samples of content, the parameter (strings, default []) that names what may be sampled.
# opt_in: log_groups

# Named expressions (CEL), each may use the ones before it. They are shown in the evidence.
variables:
  days: resource.BackupRetentionPeriod

# When the rule speaks of a resource at all. An absent field is null.
applies: resource.DBClusterIdentifier == null

# What must hold. Also available: now, and related("kind"), the documents of another kind in the same account and region.
# What could not be read makes the verdict unknown; the expression need not think of it.
assert: variables.days >= params.min_days

# What goes wrong without it, and how that bears on the criteria.
why: |
  Without backups, a deleted table stays deleted.

# Steps that can be pasted: cli, terraform, kubectl or yaml, at least one.
fix:
  cli: aws rds modify-db-instance --db-instance-identifier NAME --backup-retention-period 7

references:
  - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html

# Cases, as small as can be: at least one that passes and one that fails. They are run whenever the rule is loaded.
tests:
  - name: seven days are kept
    resource: { BackupRetentionPeriod: 7 }
    expect: pass
  - name: backups are off
    resource: { BackupRetentionPeriod: 0 }
    expect: fail
  - name: a member of a cluster is backed up with it
    resource: { BackupRetentionPeriod: 1, DBClusterIdentifier: orders }
    expect: not_applicable
  - name: the period could not be read
    resource: { BackupRetentionPeriod: { $unread: { reason: denied, operation: "rds:DescribeDBInstances" } } }
    expect: unknown
"#;

const KUBERNETES: &str = r#"# A kind, or a list of kinds (soc2scan resources list).
resource: k8s.Deployment

# Values that soc2scan.yaml may tighten within their bounds. Types: int, number, bool, string, strings.
params:
  min_replicas: { type: int, default: 2, min: 2, about: pods that run at once }

# Where it reads samples of content, the parameter (strings, default []) that names what may be sampled.
# opt_in: log_groups

# Named expressions (CEL), each may use the ones before it. They are shown in the evidence.
variables:
  replicas: resource.spec.?replicas.orValue(1)

# When the rule speaks of a resource at all. An absent field is null.
applies: variables.replicas > 0

# What must hold. Also available: now, and related("kind"), the documents of another kind in the same namespace.
# What could not be read makes the verdict unknown; the expression need not think of it.
assert: variables.replicas >= params.min_replicas

# What goes wrong without it, and how that bears on the criteria.
why: |
  With one pod, every restart is an outage.

# Steps that can be pasted: cli, terraform, kubectl or yaml, at least one.
fix:
  kubectl: kubectl scale deployment NAME --replicas 2

references:
  - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/

# Cases, as small as can be: at least one that passes and one that fails. They are run whenever the rule is loaded.
tests:
  - name: two replicas
    resource: { spec: { replicas: 2 } }
    expect: pass
  - name: the default is one
    resource: { spec: {} }
    expect: fail
  - name: scaled to nothing
    resource: { spec: { replicas: 0 } }
    expect: not_applicable
  - name: the count could not be read
    resource: { spec: { replicas: { $unread: { reason: denied, operation: "GET /apis/apps/v1/deployments" } } } }
    expect: unknown
"#;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Kind, Schema, Shape};
    use crate::rules::{Source, load};

    fn object(fields: &[(&str, Shape)]) -> Shape {
        let fields = fields.iter();
        Shape::Object(
            fields
                .map(|(name, shape)| ((*name).to_owned(), shape.clone()))
                .collect(),
        )
    }

    #[test]
    fn a_new_rule_is_valid_as_it_stands_and_has_every_key() {
        let database = object(&[
            ("BackupRetentionPeriod", Shape::Integer),
            ("DBClusterIdentifier", Shape::String),
        ]);
        let deployment = object(&[("spec", object(&[("replicas", Shape::Integer)]))]);
        let schema = Schema {
            kinds: BTreeMap::from([
                (Kind::new("aws.rds.DBInstance"), database),
                (Kind::new("k8s.Deployment"), deployment),
            ]),
            shapes: BTreeMap::new(),
        };
        for (id, path) in [
            ("aws.rds.mine", "aws/rds/mine.yaml"),
            ("k8s.mine", "k8s/mine.yaml"),
        ] {
            let text = text(id);
            load(&[Source::new(path, &text)], &schema)
                .unwrap_or_else(|errors| panic!("{errors:?}"));
            let shown = crate::rules::json_schema(&schema);
            let keys = shown
                .pointer("/properties")
                .and_then(|keys| keys.as_object())
                .unwrap();
            for key in keys.keys() {
                let written = |mark| text.contains(&format!("\n{mark}{key}:"));
                assert!(written("") || written("# "), "{key}");
            }
        }
    }
}
