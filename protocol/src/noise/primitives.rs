//! The primitives that snow drives, all of one RustCrypto generation: P-256, AES-256-GCM, SHA-256,
//! and an ephemeral drawn by the caller.

use crate::key::{PrivateKey, PublicKey};
use crate::secret::Secret;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use sha2::{Digest, Sha256};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types::{Cipher, Dh, Hash, Random};

const TAG_LEN: usize = 16;

/// Hands snow the primitives of one handshake.
pub(super) struct Primitives {
    ephemeral: PrivateKey,
    /// The static key, to which snow only passes the scalar back.
    static_key: Option<PrivateKey>,
}

impl Primitives {
    pub(super) fn new(ephemeral: PrivateKey, static_key: Option<PrivateKey>) -> Self {
        Self {
            ephemeral,
            static_key,
        }
    }
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Ephemeral(self.ephemeral.expose())))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::P256).then(|| {
            let known = [Some(self.ephemeral.clone()), self.static_key.clone()];
            Box::new(P256 {
                known,
                key: None,
                public: [0; 65],
            }) as Box<dyn Dh>
        })
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::new(Sha(Sha256::new())) as Box<dyn Hash>)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::AESGCM).then(|| Box::new(Gcm(None)) as Box<dyn Cipher>)
    }
}

/// snow's source of randomness, asked once: for the ephemeral key.
struct Ephemeral(Secret<32>);

impl Random for Ephemeral {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), snow::Error> {
        if dest.len() != 32 {
            return Err(snow::Error::Rng);
        }
        dest.copy_from_slice(self.0.expose());
        Ok(())
    }
}

struct P256 {
    known: [Option<PrivateKey>; 2],
    key: Option<PrivateKey>,
    public: [u8; 65],
}

impl Dh for P256 {
    fn name(&self) -> &'static str {
        "P256"
    }

    fn pub_len(&self) -> usize {
        65
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn dh_len(&self) -> usize {
        32
    }

    /// snow gives no way to refuse here; a scalar that is none of ours leaves the key empty and the
    /// first use fails.
    fn set(&mut self, scalar: &[u8]) {
        let wanted = Secret::from_slice(scalar);
        self.key = self
            .known
            .iter()
            .flatten()
            .find(|key| {
                wanted
                    .as_ref()
                    .is_some_and(|wanted| *wanted == key.expose())
            })
            .cloned();
        self.public = self
            .key
            .as_ref()
            .map_or([0; 65], |key| key.public().uncompressed());
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), snow::Error> {
        let scalar = Secret::<32>::fill_with(|bytes| rng.try_fill_bytes(bytes))?;
        self.set(scalar.expose());
        if self.key.is_some() {
            Ok(())
        } else {
            Err(snow::Error::Rng)
        }
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    /// Only snow's key-pair generation asks for it, which nothing here calls.
    fn privkey(&self) -> &[u8] {
        &[]
    }

    fn dh(&self, public: &[u8], out: &mut [u8]) -> Result<(), snow::Error> {
        let key = self.key.as_ref().ok_or(snow::Error::Dh)?;
        // snow passes a buffer of its longest key.
        let public = PublicKey::from_uncompressed(public.get(..65).ok_or(snow::Error::Dh)?)
            .map_err(|_| snow::Error::Dh)?;
        let shared = key.shared_x(&public);
        out.get_mut(..32)
            .ok_or(snow::Error::Dh)?
            .copy_from_slice(shared.expose());
        Ok(())
    }
}

struct Sha(Sha256);

impl Hash for Sha {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0 = Sha256::new();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        let digest = self.0.finalize_reset();
        for (out, byte) in out.iter_mut().zip(digest) {
            *out = byte;
        }
    }
}

struct Gcm(Option<Aes256Gcm>);

impl Gcm {
    /// 4 zero bytes and the counter, big-endian. It is always zero here: every encryption of these
    /// patterns follows a new key.
    fn nonce(counter: u64) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = Nonce::default();
        for (byte, counter) in nonce.iter_mut().skip(4).zip(counter.to_be_bytes()) {
            *byte = counter;
        }
        nonce
    }
}

impl Cipher for Gcm {
    fn name(&self) -> &'static str {
        "AESGCM"
    }

    fn set(&mut self, key: &[u8; 32]) {
        self.0 = Some(Aes256Gcm::new(&(*key).into()));
    }

    /// snow gives no way to refuse here. It never encrypts before it has set a key; if it did, the
    /// peer would see a zero tag.
    fn encrypt(&self, nonce: u64, ad: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        let Some((body, tag)) = out
            .get_mut(..plaintext.len() + TAG_LEN)
            .and_then(|out| out.split_at_mut_checked(plaintext.len()))
        else {
            return 0;
        };
        body.copy_from_slice(plaintext);
        let sealed = self.0.as_ref().and_then(|cipher| {
            cipher
                .encrypt_inout_detached(&Self::nonce(nonce), ad, body.into())
                .ok()
        });
        tag.copy_from_slice(&sealed.unwrap_or_default());
        plaintext.len() + TAG_LEN
    }

    fn decrypt(
        &self,
        nonce: u64,
        ad: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<usize, snow::Error> {
        let length = ciphertext
            .len()
            .checked_sub(TAG_LEN)
            .ok_or(snow::Error::Decrypt)?;
        let (body, tag) = ciphertext
            .split_at_checked(length)
            .ok_or(snow::Error::Decrypt)?;
        let out = out.get_mut(..length).ok_or(snow::Error::Decrypt)?;
        out.copy_from_slice(body);
        let tag = Tag::try_from(tag).map_err(|_| snow::Error::Decrypt)?;
        let cipher = self.0.as_ref().ok_or(snow::Error::Decrypt)?;
        cipher
            .decrypt_inout_detached(&Self::nonce(nonce), ad, out.into(), &tag)
            .map_err(|_| snow::Error::Decrypt)?;
        Ok(length)
    }
}
