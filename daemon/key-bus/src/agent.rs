//! An agent, as the service sees it.

/// `org.hybridd.Agent1`
#[zbus::proxy(interface = "org.hybridd.Agent1", default_path = "/org/hybridd/Agent1")]
pub trait Agent {
    /// A CTAP command (command byte and parameters) to its reply (status and body):
    /// authenticatorMakeCredential (01) and authenticatorGetAssertion (02) are for a phone;
    /// authenticatorSelection (0b), with an empty `rp_id`, asks the person whether this key shall be
    /// used, without radio or network.
    ///
    /// `rp_id` is to be shown, `parent` is the window that the prompt belongs to, when that is
    /// known, and after `deadline_ms` milliseconds nobody waits any more. Requests are numbered
    /// upwards; a `Cancel` that overtakes its request on the way has the number already.
    ///
    /// # Errors
    /// [`Ended`](crate::Ended) with the code of the reason when there is no reply.
    fn request(
        &self,
        command: &[u8],
        rp_id: &str,
        parent: &str,
        deadline_ms: u32,
        number: u64,
    ) -> zbus::Result<Vec<u8>>;

    /// Which of these credentials a phone answered with before: their places, counted from zero.
    /// Asks nobody and shows nothing.
    ///
    /// # Errors
    /// What D-Bus says.
    fn known(&self, rp_id: &str, ids: &[&[u8]]) -> zbus::Result<Vec<u32>>;

    /// Nobody waits for this request any more.
    ///
    /// # Errors
    /// What D-Bus says.
    #[zbus(no_reply)]
    fn cancel(&self, number: u64) -> zbus::Result<()>;
}
