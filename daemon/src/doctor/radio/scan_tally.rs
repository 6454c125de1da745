//! What a doctor that listens has heard: devices, phones that are signing in, and test beacons.

use super::step::StepResult;
use hybrid_diagnosis::catalogue::{NO_SIGNAL_AT_ALL, WEAK_SIGNAL};
use hybrid_diagnosis::check::Verdict;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::observation::radio::WEAK;
use hybrid_radio::Advert;
use hybrid_radio::beacon::is_beacon;
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts what a scan brings, and says what the counts mean.
#[derive(Default)]
pub(super) struct ScanTally {
    /// Devices of any kind.
    pub(super) devices: u32,
    phones: u32,
    /// By adapter, the strength at best. Anybody can send beacons, as many as they like.
    beacons: BTreeMap<String, Option<i16>>,
}

impl ScanTally {
    pub(super) fn advert(&mut self, advert: &Advert) {
        if advert.cached {
            return;
        }
        if is_beacon(&advert.data) {
            let best = self.beacons.entry(advert.adapter.clone()).or_default();
            *best = (*best).max(advert.rssi);
        } else {
            self.phones += 1;
        }
    }

    pub(super) fn devices(&self, listen: Duration) -> StepResult {
        let seconds = listen.as_secs();
        if self.devices == 0 {
            let saw = format!("no Low Energy device was heard in {seconds} s");
            return StepResult(
                saw.clone(),
                Verdict::Warn(Finding::likely(&NO_SIGNAL_AT_ALL, &saw)),
            );
        }
        let saw = format!(
            "{} heard in {seconds} s, {} from phones that are signing in",
            counted(self.devices, "device"),
            counted(self.phones, "advert")
        );
        StepResult(saw, Verdict::Ok)
    }

    pub(super) fn beacon(&self) -> StepResult {
        if self.beacons.is_empty() {
            let why = "none was heard; run hybridd beacon on a second computer to send one";
            return StepResult(String::new(), Verdict::NotChecked(why.to_owned()));
        }
        let each: Vec<String> = self
            .beacons
            .iter()
            .map(|(adapter, rssi)| match rssi {
                Some(rssi) => format!("on {adapter} at {rssi} dBm"),
                None => format!("on {adapter}"),
            })
            .collect();
        let saw = format!("the test beacon was heard {}", each.join(", "));
        let weak = self
            .beacons
            .values()
            .all(|rssi| rssi.is_some_and(|rssi| rssi < WEAK));
        let verdict = if weak {
            Verdict::Warn(Finding::certain(&WEAK_SIGNAL, &saw))
        } else {
            Verdict::Ok
        };
        StepResult(saw, verdict)
    }
}

fn counted(number: u32, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_weak_beacon_is_told() {
        let heard = |rssi| ScanTally {
            beacons: BTreeMap::from([("hci0".to_owned(), rssi)]),
            ..ScanTally::default()
        };
        assert_eq!(heard(Some(-90)).beacon().code(), Some("BT13"));
        assert_eq!(heard(Some(-50)).beacon().code(), None);
        assert_eq!(heard(None).beacon().code(), None);
    }

    #[test]
    fn a_thousand_beacons_on_the_air_are_told_in_one_line() {
        let mut heard = ScanTally::default();
        for rssi in [-90, -70, -80].into_iter().cycle().take(1000) {
            heard.advert(&Advert {
                uuid: 0xfff9,
                data: hybrid_radio::beacon::service_data().to_vec(),
                rssi: Some(rssi),
                address: None,
                adapter: "hci0".to_owned(),
                cached: false,
                at: Instant::now(),
            });
        }
        assert_eq!(
            heard.beacon().0,
            "the test beacon was heard on hci0 at -70 dBm"
        );
    }
}
