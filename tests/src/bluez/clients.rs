//! Programs that leave the bus: bluetoothd ends their discoveries and takes their adverts off the
//! air.

use super::discovery::leave_discovery;
use super::world::World;
use futures_util::StreamExt as _;
use zbus::{Connection, MatchRule, MessageStream, message};

/// Every connection that leaves, or name that is given up.
pub(crate) async fn leavers(connection: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(message::Type::Signal)
        .sender("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .build()?;
    MessageStream::for_match_rule(rule, connection, None).await
}

pub(crate) async fn forget(mut leavers: MessageStream, connection: Connection, world: World) {
    while let Some(Ok(signal)) = leavers.next().await {
        let Ok((name, _, new)) = signal.body().deserialize::<(String, String, String)>() else {
            continue;
        };
        if !new.is_empty() {
            continue;
        }
        let theirs: Vec<String> = {
            let mut state = world.state();
            state.on_air.retain(|advert| advert.client != name);
            let adapters = state.adapters.iter();
            let theirs = adapters.filter(|(_, adapter)| adapter.clients.contains(&name));
            theirs.map(|(adapter, _)| adapter.clone()).collect()
        };
        for adapter in theirs {
            // Who has left is not told, and the bus is there as long as this task.
            let _ = leave_discovery(&connection, &world, &adapter, &name).await;
        }
    }
}
