//! A full repaint, whatever the toolkit takes to be up to date.

use i_slint_core::lengths::{LogicalPoint, LogicalRect, LogicalSize};
use i_slint_core::partial_renderer::DirtyRegion;
use i_slint_core::window::WindowInner;

/// Repaints the whole window in the next frame.
pub(super) fn repaint(window: &slint::Window) {
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
