//! A reload that takes its time: nobody waits for it.

use crate::process::{Client, Relay, until};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustix::fs::{CWD, FileType, mknodat};
use rustix::process::Signal;
use std::fs::{self, OpenOptions};

#[test]
fn settings_that_were_cut_off_turn_no_encryption_off() {
    let folder = tempfile::tempdir().unwrap();
    let [config, chain, key] =
        ["relay.toml", "chain.pem", "key.pem"].map(|name| folder.path().join(name));
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["relay.test".to_owned()]).unwrap();
    fs::write(&chain, cert.pem()).unwrap();
    fs::write(&key, signing_key.serialize_pem()).unwrap();
    let pem = format!(
        "tls_cert = \"{}\"\ntls_key = \"{}\"\n",
        chain.display(),
        key.display()
    );
    fs::write(&config, pem).unwrap();
    let log = folder.path().join("log");
    let relay = Relay::start(|command| {
        command.arg("--config").arg(&config);
        command.stderr(fs::File::create(&log).unwrap());
    });
    fs::write(&config, "").unwrap();
    relay.signal(Signal::HUP);
    let said = until("the refusal", || {
        let said = fs::read_to_string(&log).unwrap();
        said.contains("cannot reload the settings").then_some(said)
    });
    assert!(
        said.contains("TLS can be turned on or off only by a restart"),
        "{said}"
    );
    // The files named before are read again all the same.
    assert!(!said.contains("cannot reload the certificate"), "{said}");
}

#[test]
fn pairs_forward_while_a_reload_reads_a_pipe_whose_writer_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["relay.test".to_owned()]).unwrap();
    let paths = ["relay.toml", "chain.pem", "key.pem"].map(|name| folder.join(name));
    let [config, chain, key] = &paths;
    let pem = format!(
        "tls_cert = \"{}\"\ntls_key = \"{}\"\n",
        chain.display(),
        key.display()
    );
    for broken in &paths {
        // Plain, so that a client can be played by hand; a reload names a certificate then, which is
        // read before it is refused.
        fs::write(config, "").unwrap();
        fs::write(chain, cert.pem()).unwrap();
        fs::write(key, signing_key.serialize_pem()).unwrap();
        let mut relay = Relay::start(|command| {
            command.arg("--config").arg(config);
        });
        fs::write(config, &pem).unwrap();
        let (mut phone, routing) = Client::open(relay.addr, 1);
        let mut desktop = Client::join(relay.addr, &routing, 1);
        fs::remove_file(broken).unwrap();
        mknodat(CWD, broken, FileType::Fifo, 0o600.into(), 0).unwrap();
        let writer = OpenOptions::new()
            .read(true)
            .write(true)
            .open(broken)
            .unwrap();
        // A machine under load may take longer to forward than the relay to read; not each time.
        let meanwhile = (0..5).any(|_| {
            relay.signal(Signal::HUP);
            until("the pipe to be read", || relay.holds(broken).then_some(()));
            desktop.send(b"meanwhile");
            assert_eq!(phone.frame().1, b"meanwhile");
            assert_eq!(relay.ask("/healthz").0, 200);
            let meanwhile = relay.holds(broken);
            until("the pipe to be left", || {
                (!relay.holds(broken)).then_some(())
            });
            meanwhile
        });
        assert!(meanwhile, "nothing was forwarded: {}", broken.display());
        drop(writer);
        relay.signal(Signal::TERM);
        phone.close();
        drop((phone, desktop));
        assert_eq!(relay.end().code(), Some(0));
        fs::remove_file(broken).unwrap();
    }
}
