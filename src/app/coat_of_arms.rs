//! Decodes the town's coat of arms off the interface's thread, within bounds of size and memory.

use std::io::BufReader;
use std::sync::Arc;

use image::ImageFormat;
use slint::{Rgba8Pixel, SharedPixelBuffer};
use vyveska_wire::manifest::ContentHash;

use super::app_event::{AppEvent, EventSender};
use super::pictures::decode_within;
use crate::store::BoardStore;
use crate::ui::view_model::Pixels;
use crate::worker::spawn_task;

/// The largest side of a coat of arms, in pixels.
const MAX_SIDE: u32 = 1024;
/// How much memory decoding it may take, in bytes.
const MAX_MEMORY: u64 = 16 << 20;

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
    let picture = decode_within(
        BufReader::new(file),
        &[ImageFormat::Png],
        MAX_SIDE,
        MAX_MEMORY,
    )?
    .into_rgba8();
    Ok(Some(Pixels::Transparent(
        SharedPixelBuffer::<Rgba8Pixel>::clone_from_slice(
            picture.as_raw(),
            picture.width(),
            picture.height(),
        ),
    )))
}
