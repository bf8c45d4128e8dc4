//! The `soc2scan` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(soc2scan::cli::run(std::env::args_os()).code())
}
