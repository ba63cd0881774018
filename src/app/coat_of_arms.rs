//! Decodes the town's coat of arms off the interface's thread, within bounds of size and memory.

use std::io::BufReader;
use std::sync::Arc;

use image::{ImageFormat, ImageReader, Limits};
use slint::{Rgba8Pixel, SharedPixelBuffer};
use vyveska_wire::manifest::ContentHash;

use super::event_loop::{AppEvent, EventSender};
use crate::store::BoardStore;
use crate::ui::view_model::Pixels;
use crate::worker::spawn_task;

/// The largest side of a coat of arms, in pixels.
const MAX_SIDE: u32 = 1024;

/// Decodes the coat of arms and posts it; does nothing while it has not arrived.
pub(super) fn fetch(hash: ContentHash, store: Arc<dyn BoardStore>) {
    let started = spawn_task("coat-of-arms", move || match decode(&hash, &*store) {
        Ok(Some(pixels)) => EventSender.post(AppEvent::CoatOfArms(hash, pixels)),
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the coat of arms is not shown"
            );
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "the coat of arms is not shown");
    }
}

fn decode(hash: &ContentHash, store: &dyn BoardStore) -> anyhow::Result<Option<Pixels>> {
    let Some(file) = store.open(hash)? else {
        return Ok(None);
    };
    let mut reader = ImageReader::with_format(BufReader::new(file), ImageFormat::Png);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(16 << 20);
    reader.limits(limits);
    let picture = reader.decode()?.into_rgba8();
    Ok(Some(Pixels::Transparent(
        SharedPixelBuffer::<Rgba8Pixel>::clone_from_slice(
            picture.as_raw(),
            picture.width(),
            picture.height(),
        ),
    )))
}
