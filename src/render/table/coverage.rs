//! How much was read, and what to do about what was not.

use super::{Page, reason_style};
use crate::model::Reason;
use crate::render::ink::Style;
use crate::render::ledger::Ledger;
use crate::render::text::{self, clean, counted, some, words};

impl Page<'_> {
    pub(super) fn coverage(&mut self, ledger: &Ledger) {
        self.heading("Coverage");
        if ledger.interrupted {
            let note =
                "The scan was stopped before its end: what it had not read by then is unknown";
            let note = self.ink.style(note, Style::BoldYellow);
            self.line(&note);
        }
        let mut rows: Vec<_> = ledger
            .read
            .iter()
            .map(|(platform, sentence)| vec![platform.clone(), sentence.clone()])
            .collect();
        for (platform, why) in &ledger.excluded {
            rows.push(vec![
                platform.clone(),
                format!("not scanned, bears on no criterion here: {why}"),
            ]);
        }
        for missing in &ledger.missing {
            let mut what = self.ink.style(&missing.what, Style::Bold);
            if !missing.places.is_empty() {
                what.push_str(&format!(" in {}", some(&missing.places, 6)));
            }
            what.push_str(&format!(": {}", missing.advice));
            if !missing.kinds.is_empty() {
                let kinds: Vec<_> = missing
                    .kinds
                    .iter()
                    .map(|kind| clean(kind.as_str()))
                    .collect();
                what.push_str(&format!("; not listed: {}", some(&kinds, 6)));
            }
            if missing.verdicts > 0 {
                let verdicts = counted(missing.verdicts, "verdict");
                what.push_str(&format!("; {verdicts} unknown"));
            }
            rows.push(vec![
                self.ink.style(
                    &words(missing.reason.as_str()),
                    reason_style(missing.reason),
                ),
                what,
            ]);
            // What is denied is said by the permission, what is absent by its name; any other answer says more.
            if let Some(detail) = &missing.detail
                && !matches!(missing.reason, Reason::Denied | Reason::MissingField)
            {
                let detail = self.ink.style(&text::shortened(detail, 160), Style::Dim);
                rows.push(vec![String::new(), detail]);
            }
        }
        let reasons = ledger.missing.iter();
        let widest = reasons.map(|missing| missing.reason.as_str().len()).max();
        self.grid(&[widest.unwrap_or_default().max(10)], rows);
    }
}
