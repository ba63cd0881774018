//! A full repaint, whatever the toolkit takes to be up to date.

use i_slint_core::lengths::{LogicalPoint, LogicalRect, LogicalSize};
use i_slint_core::partial_renderer::DirtyRegion;
use i_slint_core::renderer::RendererSealed as _;
use i_slint_core::window::WindowInner;
use image::RgbaImage;
use slint::Rgb8Pixel;
use slint::platform::software_renderer::{RepaintBufferType, SoftwareRenderer};

/// How often the whole window is repainted though nothing has changed.
///
/// It bounds for how long a pixel can be out of date, whatever the toolkit overlooks.
pub(crate) const FULL_REPAINT: std::time::Duration = std::time::Duration::from_secs(60);

/// Repaints the whole window in the next frame.
pub(crate) fn repaint(window: &slint::Window) {
    let adapter = WindowInner::from_pub(window).window_adapter();
    let size = window.size().to_logical(window.scale_factor());
    let whole = LogicalRect::new(
        LogicalPoint::default(),
        LogicalSize::new(size.width, size.height),
    );
    adapter
        .renderer()
        .mark_dirty_region(DirtyRegion::from(whole));
    adapter.request_redraw();
}

/// The pixels of a full repaint of what the window shows now; none while the window has no size.
///
/// A renderer of its own paints it: a snapshot by the window's renderer makes the window's next frame a full repaint too,
/// which hides what was painted wrongly before.
pub(crate) fn repainted(window: &slint::Window) -> Option<RgbaImage> {
    let adapter = WindowInner::from_pub(window).window_adapter();
    let renderer = SoftwareRenderer::new_with_repaint_buffer_type(RepaintBufferType::NewBuffer);
    renderer.set_window_adapter(&adapter);
    let size = window.size();
    if size.width == 0 || size.height == 0 {
        return None;
    }
    let mut frame = vec![Rgb8Pixel::default(); size.width as usize * size.height as usize];
    renderer.render(&mut frame, size.width as usize);
    drop(renderer);
    // The other renderer took over what the window depends on; the next frame takes it back.
    adapter.request_redraw();
    image(&frame, size.width, size.height)
}

/// A frame as an image; none when it has another size.
pub(crate) fn image(frame: &[Rgb8Pixel], width: u32, height: u32) -> Option<RgbaImage> {
    let mut bytes = vec![u8::MAX; 4 * frame.len()];
    for (pixel, [red, green, blue, _]) in frame.iter().zip(bytes.as_chunks_mut().0) {
        (*red, *green, *blue) = (pixel.r, pixel.g, pixel.b);
    }
    RgbaImage::from_raw(width, height, bytes)
}
