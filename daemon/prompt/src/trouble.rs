//! The findings that hold at present, and which of them a person reads first.

use hybrid_diagnosis::finding::{Finding, without_consequences};

/// The group of codes that are about Bluetooth.
const RADIO: &str = "BT";

/// Findings of the present stage.
#[derive(Default)]
pub(crate) struct Trouble(Vec<Finding>);

impl Trouble {
    /// One more; a surer one takes the place of the same cause.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.0.retain(|known| known.code != finding.code);
        self.0.push(finding);
    }

    /// It goes on: what hung does not any more.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The radio listens: what kept it from that is over.
    pub(crate) fn radio_listens(&mut self) {
        self.0.retain(|finding| !finding.code.starts_with(RADIO));
    }

    /// The surest cause, of several the latest, and how many there are besides.
    pub(crate) fn first(&self) -> Option<(Finding, usize)> {
        let told = without_consequences(self.0.clone());
        let others = told.len().saturating_sub(1);
        // Of several that are as sure, this is the last.
        let first = told.into_iter().max_by_key(|finding| finding.certainty)?;
        Some((first, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_diagnosis::catalogue::{BLUETOOTH_OFF, NO_ANSWER_ON_PHONE, NO_PHONE_HEARD, OFFLINE};

    fn first(trouble: &Trouble) -> Option<(&'static str, usize)> {
        trouble
            .first()
            .map(|(finding, others)| (finding.code, others))
    }

    #[test]
    fn the_surest_cause_is_read_first_and_a_consequence_never() {
        let mut trouble = Trouble::default();
        assert_eq!(first(&trouble), None);
        trouble.add(Finding::likely(&NO_PHONE_HEARD, "nothing heard"));
        trouble.add(Finding::certain(&BLUETOOTH_OFF, "off"));
        assert_eq!(first(&trouble), Some((BLUETOOTH_OFF.code, 0)));
        trouble.add(Finding::possible(&NO_ANSWER_ON_PHONE, "waiting"));
        assert_eq!(first(&trouble), Some((BLUETOOTH_OFF.code, 1)));
        trouble.add(Finding::certain(&OFFLINE, "no route"));
        assert_eq!(first(&trouble), Some((OFFLINE.code, 2)));
    }

    #[test]
    fn a_radio_that_listens_has_no_trouble() {
        let mut trouble = Trouble::default();
        trouble.add(Finding::certain(&BLUETOOTH_OFF, "off"));
        trouble.add(Finding::certain(&OFFLINE, "no route"));
        trouble.radio_listens();
        assert_eq!(first(&trouble), Some((OFFLINE.code, 0)));
        trouble.clear();
        assert_eq!(first(&trouble), None);
    }
}
