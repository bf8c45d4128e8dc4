//! The terminal: what it can show, and how complaints look on it.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use miette::{GraphicalReportHandler, GraphicalTheme, ReportHandler as _};

use crate::render::Look;

/// When to use color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// What stdout and stderr can show.
#[derive(Debug)]
pub struct Terminal {
    /// How a report to stdout should look.
    pub look: Look,
    /// Whether someone watches stderr.
    #[cfg_attr(
        not(feature = "live"),
        expect(dead_code, reason = "only a scan shows progress")
    )]
    pub interactive: bool,
    color_errors: bool,
    width_errors: usize,
}

/// The width of output that goes to no terminal.
const DEFAULT_WIDTH: usize = 120;

impl Terminal {
    pub fn detect(color: When) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced = set("CLICOLOR_FORCE") || set("FORCE_COLOR");
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let wants = |terminal: bool| match color {
            When::Always => true,
            When::Never => false,
            When::Auto => !set("NO_COLOR") && (forced || (terminal && !dumb)),
        };
        let (out, err) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let width = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok())
            .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
            .unwrap_or(DEFAULT_WIDTH);
        Self {
            look: Look {
                width: if out { width } else { width.max(80) },
                color: wants(out),
                hyperlinks: out && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
            },
            interactive: err && !dumb,
            color_errors: wants(err),
            width_errors: width,
        }
    }

    /// Prints an error with its place, reason and help to stderr.
    pub fn complain(&self, report: &miette::Report) {
        let theme = if self.color_errors {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(self.width_errors.clamp(60, 120))
            .with_links(false);
        let diagnostic: &dyn miette::Diagnostic = report.as_ref();
        let shown = Shown(&handler, diagnostic).to_string();
        self.tell(&shown);
    }

    /// Writes a line to stderr. Where stderr is gone there is nobody to tell.
    pub fn tell(&self, line: &str) {
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "{}", line.trim_end());
    }
}

struct Shown<'a>(&'a GraphicalReportHandler, &'a dyn miette::Diagnostic);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.debug(self.1, f)
    }
}
