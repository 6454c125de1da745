//! The service, as an agent sees it.

/// `org.hybridd.Key1`
#[zbus::proxy(
    interface = "org.hybridd.Key1",
    default_service = "org.hybridd.Key1",
    default_path = "/org/hybridd/Key1"
)]
pub trait Key {
    /// The caller answers for the person in front from now on, and the device is there.
    ///
    /// # Errors
    /// [`Refusal::of`](crate::Refusal::of) reads why not.
    fn register(&self, contract: u32) -> zbus::Result<()>;

    /// The caller answers no more, and the device is gone. Nothing happens when it is not
    /// registered.
    ///
    /// # Errors
    /// What D-Bus says.
    fn unregister(&self) -> zbus::Result<()>;

    /// The prompt for this request is on the screen. Programs are told that a person is waited for.
    ///
    /// # Errors
    /// What D-Bus says.
    fn shown(&self, number: u64) -> zbus::Result<()>;

    /// Whether programs see the device.
    ///
    /// # Errors
    /// What D-Bus says.
    #[zbus(property)]
    fn present(&self) -> zbus::Result<bool>;

    /// The version of the service's program, for a person to compare. Whether service and agent
    /// work together is decided by the contract.
    ///
    /// # Errors
    /// What D-Bus says.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> zbus::Result<String>;

    /// Who registered is registered no more, and who was refused may be welcome.
    #[zbus(signal)]
    fn register_anew(&self) -> zbus::Result<()>;
}
