//! How central comes to know a display.

use crate::device::{Device, Trouble};
use crate::request::Connection;

/// Makes the display known to central.
///
/// A central service with `displays.accept_new_displays` registers it at its first request. Whoever registers displays
/// beforehand, for a board that is not the default one, needs no more than that either.
pub(crate) async fn register(device: &Device, connection: &mut Connection) -> Result<(), Trouble> {
    device.ask_time(connection).await.map(drop)
}
