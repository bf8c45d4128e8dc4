//! Which regions a scan looks at.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::shapes;
use crate::suggest::nearest;

/// The regions to scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Regions {
    /// The region of the profile or the environment.
    #[default]
    Home,
    Named(Vec<String>),
    /// Every region that is enabled for the account.
    All,
}

impl Regions {
    /// The regions in words, for a plan that asks nobody.
    pub fn names(&self) -> Vec<String> {
        match self {
            Regions::Home => vec!["the default region".to_owned()],
            Regions::Named(names) => names.clone(),
            Regions::All => vec!["each enabled region".to_owned()],
        }
    }
}

/// A region that AWS does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no AWS region {name:?}")]
pub struct UnknownRegion {
    pub name: String,
    /// The region that was probably meant.
    pub suggestion: Option<String>,
}

impl UnknownRegion {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match &self.suggestion {
            Some(name) => format!("did you mean {name:?}?"),
            None => "`aws ec2 describe-regions --all-regions` lists them".to_owned(),
        }
    }
}

/// Refuses a region that AWS does not have: a scan of it would see nothing, slowly.
pub fn check(name: &str) -> Result<(), UnknownRegion> {
    if shapes::partition_of(name).is_some() {
        return Ok(());
    }
    Err(UnknownRegion {
        name: name.to_owned(),
        suggestion: nearest(name, shapes::regions()).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_region_is_refused_with_the_one_that_was_meant() {
        assert_eq!(check("eu-west-1"), Ok(()));
        assert_eq!(check("us-gov-west-1"), Ok(()));
        let suggestion = |name| check(name).unwrap_err().suggestion;
        assert_eq!(suggestion("us-esat-1").as_deref(), Some("us-east-1"));
        assert_eq!(suggestion("eu-wst-1").as_deref(), Some("eu-west-1"));
        assert_eq!(suggestion("frankfurt"), None);
        assert_eq!(suggestion("aws-global"), None);
    }
}
