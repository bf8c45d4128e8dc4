//! What to change first.

use super::{Page, severity_style};
use crate::render::fixes::Step;
use crate::render::ink::Style;
use crate::render::text::{clean, counted};

impl Page<'_> {
    pub(super) fn steps(&mut self, steps: &[Step], more: usize) {
        if steps.is_empty() {
            return;
        }
        self.heading("Fix first (each line counts those above it as done)");
        let mut rows = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let number = format!("{:>2}", index + 1);
            let severity = step.check.severity;
            let severity = self.ink.style(severity.as_str(), severity_style(severity));
            let rule = self.ink.link(
                &clean(&step.check.rule),
                step.check.references.first(),
                Style::Bold,
            );
            let mut effects = vec![match step.resources {
                0 => "none exists yet".to_owned(),
                resources => counted(resources, "resource"),
            }];
            if !step.closes.is_empty() {
                let closes = format!("closes {}", step.closes.join(", "));
                effects.push(self.ink.style(&clean(&closes), Style::Green));
            }
            if !step.helps.is_empty() {
                effects.push(clean(&format!("helps {}", step.helps.join(", "))));
            }
            let effects = effects.join("; ");
            let command = match &step.command {
                Some(command) => command.clone(),
                None => format!("see soc2scan rules show {}", clean(&step.check.rule)),
            };
            if self.wide() {
                rows.push(vec![number, severity, rule, effects, command]);
            } else {
                rows.push(vec![number, severity, format!("{rule}: {effects}")]);
                rows.push(vec![String::new(), String::new(), command]);
            }
        }
        self.grid(&[2, 8], rows);
        if more > 0 {
            self.line(&format!("… and {}", counted(more, "more change")));
        }
    }
}
