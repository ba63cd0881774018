//! A full repaint, whatever the toolkit takes to be up to date.

use i_slint_core::lengths::{LogicalPoint, LogicalRect, LogicalSize};
use i_slint_core::partial_renderer::DirtyRegion;
use i_slint_core::window::WindowInner;

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
