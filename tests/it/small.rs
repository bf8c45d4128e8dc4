//! A small environment and a small rulebook, made by hand so that every state that a report can show is in it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use soc2scan::evaluate::{Options, evaluate};
use soc2scan::model::{
    Call, Category, Coverage, Kind, Reason, Report, Resource, ResourceId, Schema, Scope, Seen,
    Shape, Snapshot, Target, Tool, Unread,
};
use soc2scan::rules::{Rulebook, Source, load};

pub const ACCOUNT: &str = "123456789012";
pub const EAST: &str = "us-east-1";
pub const WEST: &str = "us-west-2";
pub const CLUSTER: &str = "streampulse";

pub const DATABASE: &str = "aws.rds.DBInstance";
pub const EKS: &str = "aws.eks.Cluster";
pub const KEY: &str = "aws.kms.Key";
pub const LOGS: &str = "aws.logs.LogGroup";
pub const REPOSITORY: &str = "aws.ecr.Repository";
pub const DEPLOYMENT: &str = "k8s.Deployment";
pub const REPLICA_SET: &str = "k8s.ReplicaSet";
pub const POD: &str = "k8s.Pod";
pub const BUDGET: &str = "k8s.PodDisruptionBudget";

/// One rule, without what its file repeats.
pub struct Brief {
    pub id: &'static str,
    pub title: &'static str,
    pub resource: &'static str,
    pub severity: &'static str,
    pub controls: &'static str,
    /// Whole lines: params, variables, applies, when_empty.
    pub more: &'static str,
    pub assert: &'static str,
    pub fix: &'static str,
    /// A document that passes and one that fails.
    pub cases: [Value; 2],
}

impl Brief {
    pub fn source(&self) -> Source {
        let path = format!("{}.yaml", self.id.replace('.', "/"));
        let [pass, fail] = &self.cases;
        let mut more = match self.more {
            "" => String::new(),
            more => format!("{more}\n"),
        };
        if !more.contains("when_empty:") {
            more.push_str("when_empty: not_applicable\n");
        }
        let text = format!(
            "id: {}\ntitle: {}\nresource: {}\nseverity: {}\ncontrols: {}\n{more}assert: |\n  {}\n\
             why: |\n  Without it, the good state that the title names is not there.\nfix: {}\n\
             references: [\"https://example.com/{}\"]\ntests:\n  \
             - {{ name: passes, resource: {pass}, expect: pass }}\n  \
             - {{ name: fails, resource: {fail}, expect: fail }}\n",
            self.id,
            self.title,
            self.resource,
            self.severity,
            self.controls,
            self.assert,
            self.fix,
            self.id,
        );
        Source::new(path, text)
    }
}

/// A schema in which every kind has any field.
pub fn schema() -> Schema {
    let kinds = [
        DATABASE,
        EKS,
        KEY,
        LOGS,
        REPOSITORY,
        DEPLOYMENT,
        REPLICA_SET,
        POD,
        BUDGET,
    ];
    Schema {
        kinds: kinds.map(|kind| (Kind::new(kind), Shape::Any)).into(),
        shapes: BTreeMap::new(),
    }
}

pub fn rulebook_of(briefs: &[Brief]) -> Rulebook {
    let sources: Vec<_> = briefs.iter().map(Brief::source).collect();
    load(&sources, &schema()).unwrap_or_else(|errors| {
        let messages: Vec<_> = errors
            .iter()
            .map(|error| format!("{}:{}: {error}", error.path(), error.line()))
            .collect();
        panic!("{}", messages.join("\n"))
    })
}

pub fn rulebook() -> Rulebook {
    rulebook_of(&briefs())
}

fn briefs() -> Vec<Brief> {
    vec![
        Brief {
            id: "aws.ecr.scan_on_push",
            title: "Images are scanned when they are pushed",
            resource: REPOSITORY,
            severity: "high",
            controls: "{ required: [CC7.1], supporting: [CC8.1] }",
            more: "variables:\n  scanned: resource.imageScanningConfiguration.scanOnPush == true",
            assert: "variables.scanned",
            fix: "{ cli: aws ecr put-registry-scanning-configuration --scan-type ENHANCED }",
            cases: [
                json!({"imageScanningConfiguration": {"scanOnPush": true}}),
                json!({"imageScanningConfiguration": {"scanOnPush": false}}),
            ],
        },
        Brief {
            id: "aws.ecr.tag_immutability",
            title: "Image tags cannot be moved",
            resource: REPOSITORY,
            severity: "low",
            controls: "{ required: [CC6.8], supporting: [] }",
            more: "",
            assert: "resource.imageTagMutability == 'IMMUTABLE'",
            fix: "{ cli: aws ecr put-image-tag-mutability --image-tag-mutability IMMUTABLE }",
            cases: [
                json!({"imageTagMutability": "IMMUTABLE"}),
                json!({"imageTagMutability": "MUTABLE"}),
            ],
        },
        Brief {
            id: "aws.eks.control_plane_logs",
            title: "EKS control planes log audit and authenticator events",
            resource: EKS,
            severity: "high",
            controls: "{ required: [CC7.2, CC7.3] }",
            more: "",
            assert: "resource.logging.clusterLogging.exists(l, l.enabled && 'audit' in l.types)",
            fix: "{ cli: aws eks update-cluster-config --name NAME --logging FILE }",
            cases: [
                json!({"logging": {"clusterLogging": [{"enabled": true, "types": ["audit"]}]}}),
                json!({"logging": {"clusterLogging": [{"enabled": false, "types": ["audit"]}]}}),
            ],
        },
        Brief {
            id: "aws.eks.private_endpoint",
            title: "EKS API endpoints are not open to the internet",
            resource: EKS,
            severity: "high",
            controls: "{ required: [CC6.6, CC6.1] }",
            more: "",
            assert: "resource.resourcesVpcConfig.endpointPublicAccess == false",
            fix: "{ cli: aws eks update-cluster-config --name NAME --resources-vpc-config endpointPublicAccess=false }",
            cases: [
                json!({"resourcesVpcConfig": {"endpointPublicAccess": false}}),
                json!({"resourcesVpcConfig": {"endpointPublicAccess": true}}),
            ],
        },
        Brief {
            id: "aws.kms.rotation",
            title: "Customer keys rotate every year",
            resource: KEY,
            severity: "medium",
            controls: "{ required: [CC6.1] }",
            more: "applies: resource.KeyManager == 'CUSTOMER'",
            assert: "resource.KeyRotationStatus.KeyRotationEnabled == true",
            fix: "{ cli: aws kms enable-key-rotation --key-id KEY }",
            cases: [
                json!({"KeyManager": "CUSTOMER", "KeyRotationStatus": {"KeyRotationEnabled": true}}),
                json!({"KeyManager": "CUSTOMER", "KeyRotationStatus": {"KeyRotationEnabled": false}}),
            ],
        },
        Brief {
            id: "aws.logs.retention_365",
            title: "Logs are kept for a year",
            resource: LOGS,
            severity: "medium",
            controls: "{ required: [CC7.2], supporting: [C1.1] }",
            more: "params:\n  min_days: { type: int, default: 365, min: 1, about: days that logs are kept }\nwhen_empty: fail",
            assert: "resource.retentionInDays == null || resource.retentionInDays >= params.min_days",
            fix: "{ cli: aws logs put-retention-policy --retention-in-days 365 }",
            cases: [json!({}), json!({"retentionInDays": 30})],
        },
        Brief {
            id: "aws.rds.pitr",
            title: "RDS databases can be restored to a point in time",
            resource: DATABASE,
            severity: "high",
            controls: "{ required: [A1.2, CC7.5], supporting: [CC9.1] }",
            more: "params:\n  min_days: { type: int, default: 7, min: 1, about: days of backups }",
            assert: "resource.BackupRetentionPeriod >= params.min_days && resource.LatestRestorableTime != null",
            fix: "{ cli: \"aws rds modify-db-instance --db-instance-identifier NAME \\\\\\n  --backup-retention-period 7\" }",
            cases: [
                json!({"BackupRetentionPeriod": 7, "LatestRestorableTime": "2026-01-15T11:55:00Z"}),
                json!({"BackupRetentionPeriod": 0}),
            ],
        },
        Brief {
            id: "aws.rds.private_subnet",
            title: "RDS databases have no public endpoint",
            resource: DATABASE,
            severity: "critical",
            controls: "{ required: [CC6.6, CC6.1] }",
            more: "",
            assert: "resource.PubliclyAccessible == false",
            fix: "{ cli: aws rds modify-db-instance --db-instance-identifier NAME --no-publicly-accessible }",
            cases: [
                json!({"PubliclyAccessible": false}),
                json!({"PubliclyAccessible": true}),
            ],
        },
        Brief {
            id: "aws.rds.storage_encrypted",
            title: "RDS storage is encrypted",
            resource: DATABASE,
            severity: "high",
            controls: "{ required: [CC6.1, CC6.7, C1.1] }",
            more: "",
            assert: "resource.StorageEncrypted == true",
            fix: "{ terraform: 'storage_encrypted = true' }",
            cases: [
                json!({"StorageEncrypted": true}),
                json!({"StorageEncrypted": false}),
            ],
        },
        Brief {
            id: "k8s.deploy.min_replicas",
            title: "Deployments run at least two replicas",
            resource: DEPLOYMENT,
            severity: "medium",
            controls: "{ required: [A1.2], supporting: [A1.1] }",
            more: "params:\n  min: { type: int, default: 2, min: 2, about: replicas }",
            assert: "resource.spec.replicas >= params.min",
            fix: "{ kubectl: kubectl scale deployment NAME --replicas 2 }",
            cases: [
                json!({"spec": {"replicas": 2}}),
                json!({"spec": {"replicas": 1}}),
            ],
        },
        Brief {
            id: "k8s.pdb.present",
            title: "Workloads have a disruption budget",
            resource: DEPLOYMENT,
            severity: "low",
            controls: "{ required: [A1.1] }",
            more: "",
            assert: "resource.spec.replicas == 7 || related('k8s.PodDisruptionBudget').exists(b, \
                     selects(b.spec.selector, resource.spec.template.metadata.labels))",
            fix: "{ yaml: \"apiVersion: policy/v1\\nkind: PodDisruptionBudget\" }",
            cases: [
                json!({"spec": {"replicas": 7, "template": {"metadata": {"labels": {"app": "a"}}}}}),
                json!({"spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": "a"}}}}}),
            ],
        },
        Brief {
            id: "k8s.pods.no_secret_literals",
            title: "Workloads hold no secret in plain text",
            resource: "[k8s.Deployment, k8s.ReplicaSet, k8s.Pod]",
            severity: "high",
            controls: "{ required: [CC6.1, C1.1] }",
            more: "",
            assert: "podTemplate(resource).spec.containers.all(c, c.?env.orValue([]).all(e, !redacted(e.?value.orValue(''))))",
            fix: "{ kubectl: kubectl set env deployment/NAME --from=secret/NAME }",
            cases: [
                json!({"spec": {"template": {"spec": {"containers": [{"env": [{"name": "A"}]}]}}}}),
                json!({"spec": {"template": {"spec": {"containers": [
                    {"env": [{"name": "A", "value": {"$redacted": {"len": 1}}}]}
                ]}}}}),
            ],
        },
        Brief {
            id: "k8s.probes",
            title: "Workloads have probes",
            resource: DEPLOYMENT,
            severity: "low",
            controls: "{ required: [], supporting: [A1.2] }",
            more: "",
            assert: "resource.spec.template.spec.containers.all(c, c.livenessProbe != null)",
            fix: "{ kubectl: kubectl edit deployment NAME }",
            cases: [
                json!({"spec": {"template": {"spec": {"containers": [{"livenessProbe": {}}]}}}}),
                json!({"spec": {"template": {"spec": {"containers": [{}]}}}}),
            ],
        },
    ]
}

pub fn aws(region: &str) -> Scope {
    Scope::aws(ACCOUNT, Some(region))
}

pub fn namespace(name: &str) -> Scope {
    Scope::kubernetes(CLUSTER, Some(name))
}

pub fn denied(operation: &str) -> Unread {
    Unread {
        reason: Reason::Denied,
        operation: operation.to_owned(),
        permission: Some(operation.to_owned()),
        detail: format!(
            "User: arn:aws:iam::{ACCOUNT}:user/ci is not authorized to perform: {operation}"
        ),
    }
}

pub fn complete(kind: &str, scope: Scope, count: usize) -> Coverage {
    let asked: &[&str] = match kind {
        DATABASE => &["rds:DescribeDBInstances"],
        _ => &[],
    };
    Coverage {
        kind: Kind::new(kind),
        scope,
        asked: asked.iter().map(|call| (*call).to_owned()).collect(),
        seen: Seen::Complete { count },
    }
}

pub fn unread(kind: &str, scope: Scope, unread: Unread) -> Coverage {
    Coverage {
        asked: Vec::new(),
        kind: Kind::new(kind),
        scope,
        seen: Seen::Unread(unread),
    }
}

pub fn database(region: &str, name: &str, document: Value) -> Resource {
    Resource {
        kind: Kind::new(DATABASE),
        id: ResourceId::new(format!("arn:aws:rds:{region}:{ACCOUNT}:db:{name}")),
        scope: aws(region),
        origin: None,
        document,
    }
}

pub fn workload(kind: &str, place: &str, name: &str, document: Value) -> Resource {
    let short = kind.trim_start_matches("k8s.");
    let mut document = document;
    document["kind"] = json!(short);
    document["metadata"]["name"] = json!(name);
    document["metadata"]["uid"] = json!(format!("{short}-{name}"));
    Resource {
        kind: Kind::new(kind),
        id: ResourceId::new(format!("k8s://{CLUSTER}/{place}/{short}/{name}")),
        scope: namespace(place),
        origin: None,
        document,
    }
}

/// Databases that fail, a key that could not be read, clusters that could not be listed, no logs at all, workloads of
/// which one has a hostile name and one speaks for its pods.
pub fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::empty("2026-01-15T12:00:00Z".parse().unwrap());
    snapshot.tool = Tool {
        name: "soc2scan".to_owned(),
        version: "0.0.0".to_owned(),
    };
    snapshot.targets = vec![
        Target::Aws {
            account: ACCOUNT.to_owned(),
            identity: Some(format!(
                "arn:aws:sts::{ACCOUNT}:assumed-role/auditor/ci@example.com"
            )),
            regions: vec![EAST.to_owned(), WEST.to_owned()],
        },
        Target::Kubernetes {
            cluster: CLUSTER.to_owned(),
            identity: Some("arn:aws:sts::123456789012:assumed-role/auditor/scan".to_owned()),
            version: Some("v1.33.1".to_owned()),
        },
    ];
    for (region, databases) in [(EAST, 7), (WEST, 1)] {
        snapshot.coverage.extend([
            complete(DATABASE, aws(region), databases),
            complete(REPOSITORY, aws(region), usize::from(region == EAST)),
            complete(LOGS, aws(region), 0),
            complete(KEY, aws(region), usize::from(region == EAST) * 2),
            unread(EKS, aws(region), denied("eks:ListClusters")),
        ]);
    }
    let cluster = || Scope::kubernetes(CLUSTER, None);
    snapshot.coverage.extend([
        complete(DEPLOYMENT, cluster(), 2),
        complete(REPLICA_SET, cluster(), 1),
        complete(POD, cluster(), 2),
        complete(BUDGET, cluster(), 0),
        Coverage {
            asked: Vec::new(),
            kind: Kind::new("k8s.HTTPRoute"),
            scope: cluster(),
            seen: Seen::NotInstalled,
        },
    ]);
    snapshot.calls = vec![
        Call {
            service: "eks".to_owned(),
            operation: "ListClusters".to_owned(),
            count: 2,
        },
        Call {
            service: "rds".to_owned(),
            operation: "DescribeDBInstances".to_owned(),
            count: 2,
        },
    ];

    let kept = json!({
        "BackupRetentionPeriod": 7, "LatestRestorableTime": "2026-01-15T11:55:00Z",
        "StorageEncrypted": false, "PubliclyAccessible": false,
    });
    snapshot.resources.push(database(
        EAST,
        "orders",
        json!({"BackupRetentionPeriod": 0, "StorageEncrypted": false, "PubliclyAccessible": true}),
    ));
    for tenant in 1..=6 {
        snapshot
            .resources
            .push(database(EAST, &format!("tenant-{tenant}"), kept.clone()));
    }
    let mut good = kept;
    good["StorageEncrypted"] = json!(true);
    snapshot.resources.push(database(WEST, "analytics", good));
    snapshot.resources.push(Resource {
        kind: Kind::new(REPOSITORY),
        id: ResourceId::new(format!("arn:aws:ecr:{EAST}:{ACCOUNT}:repository/team/api")),
        scope: aws(EAST),
        origin: None,
        document: json!({
            "imageScanningConfiguration": {"scanOnPush": false}, "imageTagMutability": "IMMUTABLE",
        }),
    });
    for (key, rotation) in [
        ("1111", json!({"KeyRotationEnabled": true})),
        ("2222", denied("kms:GetKeyRotationStatus").marker()),
    ] {
        snapshot.resources.push(Resource {
            kind: Kind::new(KEY),
            id: ResourceId::new(format!("arn:aws:kms:{EAST}:{ACCOUNT}:key/{key}")),
            scope: aws(EAST),
            origin: None,
            document: json!({"KeyManager": "CUSTOMER", "KeyRotationStatus": rotation}),
        });
    }

    let pod = json!({"containers": [
        {"name": "api", "env": [{"name": "DATABASE_URL", "value": {"$redacted": {"len": 41, "looks_like": "url_userinfo"}}}]},
    ]});
    let template = |pod: &Value| {
        json!({
            "apiVersion": "apps/v1",
            "spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": "api"}}, "spec": pod}},
        })
    };
    let owned = |kind: &str, name: &str, document: Value| {
        let mut document = document;
        document["metadata"]["ownerReferences"] = json!([
            {"controller": true, "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": format!("{kind}-{name}")}
        ]);
        document
    };
    snapshot.resources.extend([
        workload(DEPLOYMENT, "default", "api", template(&pod)),
        workload(
            DEPLOYMENT,
            "default",
            "|@octocat\u{1b}[31m<b>",
            template(&json!({"containers": [{"name": "db", "livenessProbe": {}}]})),
        ),
        workload(
            REPLICA_SET,
            "default",
            "api-1",
            owned("Deployment", "api", template(&pod)),
        ),
        workload(
            POD,
            "default",
            "api-1-x",
            owned(
                "ReplicaSet",
                "api-1",
                json!({"apiVersion": "v1", "spec": pod}),
            ),
        ),
        workload(
            POD,
            "default",
            "debug",
            json!({"apiVersion": "v1", "spec": {"containers": [{"name": "sh"}]}}),
        ),
    ]);
    snapshot.sort();
    snapshot
}

pub fn options() -> Options {
    Options {
        categories: BTreeSet::from([
            Category::Security,
            Category::Availability,
            Category::Confidentiality,
        ]),
        ..Options::default()
    }
}

pub fn report() -> Report {
    evaluate(&snapshot(), &rulebook(), &options())
}
