//! What a doctor that listens has heard: devices, phones that are signing in, and test beacons.

use super::step::StepResult;
use hybrid_diagnosis::catalogue::WEAK_SIGNAL;
use hybrid_diagnosis::check::Verdict;
use hybrid_diagnosis::explain;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::observation::radio::WEAK;
use hybrid_protocol::ADVERT_LEN;
use hybrid_radio::Advert;
use hybrid_radio::beacon::is_beacon;
use std::collections::BTreeMap;
use std::time::Duration;

/// Counts what a scan brings, and says what the counts mean.
#[derive(Default)]
pub(super) struct ScanTally {
    /// Devices of any kind.
    pub(super) devices: u32,
    /// Passkey adverts, of phones that are signing in.
    passkey: u32,
    /// Data of the same service that is too short to be one.
    short: u32,
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
        } else if advert.data.len() < ADVERT_LEN {
            self.short += 1;
        } else {
            self.passkey += 1;
        }
    }

    /// Nothing was heard at all.
    pub(super) fn is_silent(&self) -> bool {
        self.devices == 0 && self.passkey == 0 && self.short == 0 && self.beacons.is_empty()
    }

    pub(super) fn devices(&self, listen: Duration) -> StepResult {
        let seconds = listen.as_secs();
        if self.is_silent() {
            let saw = format!("no Low Energy device was detected in {seconds} s");
            let finding = explain::silence(listen, &saw);
            return StepResult(saw, Verdict::of(finding));
        }
        let mut saw = format!(
            "{} detected in {seconds} s, {} (from phones that are signing in)",
            counted(self.devices, "device"),
            counted(self.passkey, "passkey advert")
        );
        if self.short > 0 {
            saw = format!("{saw}, {} too short to be valid", self.short);
        }
        StepResult(saw, Verdict::Ok)
    }

    pub(super) fn beacon(&self) -> StepResult {
        if self.beacons.is_empty() {
            let why =
                "no test advert was received; run hybridd beacon on a second computer to send one";
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
        let saw = format!("the test advert was received {}", each.join(", "));
        let weak = self
            .beacons
            .values()
            .all(|rssi| rssi.is_some_and(|rssi| rssi < WEAK));
        let verdict = if weak {
            // The computer that sends it may be far away.
            Verdict::Warn(Finding::likely(&WEAK_SIGNAL, &saw))
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
    use hybrid_diagnosis::finding::Certainty;
    use std::time::Instant;

    #[test]
    fn silence_fails_the_examination_once_it_is_likely_to_mean_something() {
        let after = |seconds| ScanTally::default().devices(Duration::from_secs(seconds)).1;
        for (seconds, certainty) in [(1, Certainty::Possible), (5, Certainty::Possible)] {
            let verdict = after(seconds);
            let Verdict::Warn(finding) = &verdict else {
                panic!("{verdict:?}")
            };
            assert_eq!(finding.certainty, certainty);
        }
        let verdict = after(15);
        assert!(
            matches!(&verdict, Verdict::Fail(finding) if finding.certainty == Certainty::Likely),
            "{verdict:?}"
        );
    }

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
            "the test advert was received on hci0 at -70 dBm"
        );
    }
}
