//! The profile that a session uses: mistakes in its name and its file are told before anything is asked.

use std::error::Error;

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::session::OpenError;
use crate::suggest::nearest;

/// Refuses a profile, named by the user or by `AWS_PROFILE`, that is not in the configuration, and a configuration that
/// cannot be read. The SDK would go on to other credentials, and scan an account that was not meant.
pub async fn check(named: Option<&str>) -> Result<(), OpenError> {
    let (fs, env) = (Fs::real(), Env::real());
    let name = match named {
        Some(name) => Some(name.to_owned()),
        None => env.get("AWS_PROFILE").ok().filter(|name| !name.is_empty()),
    };
    let files = EnvConfigFiles::default();
    let profiles = aws_config::profile::load(&fs, &env, &files, None).await;
    let profiles = profiles.map_err(|error| {
        let mut cause: &dyn Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        OpenError::Configuration(cause.to_string())
    })?;
    match name {
        Some(name) if profiles.get_profile(&name).is_none() => {
            let suggestion = nearest(&name, profiles.profiles()).map(str::to_owned);
            Err(OpenError::UnknownProfile { name, suggestion })
        }
        _ => Ok(()),
    }
}
